"""Measure a model folder on a catalogue, through the ONNX encoder, two stages and category prior that serve it.

instance   deformed line drawings of held-out products to their own product (synthetic queries)
category   human QuickDraw doodles of the split: precision@10 over names with at least ten right products
seats      human Chair-V2 sketches: share of seats in the top ten
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.datasets.catalogue import Catalogue, read_photo
from ml.datasets.quickdraw import read_quickdraw, read_sketch_pack
from ml.metrics.ranking import accuracy_at, bootstrap_interval, expected_ranks, precision_at, summary
from ml.protocols.queries import category_queries, instance_queries
from ml.retrieval.category_prior import CategoryPrior
from ml.retrieval.packing import unpack
from ml.retrieval.two_stage import SHORTLIST
from ml.serving.encoder import Encoder
from ml.serving.manifest import Precision
from ml.sketch.strokes import Sketch

SEATS = ("armchair", "bench", "chair", "office-chair", "sofa", "stool")
TEMPERATURES = (0.02, 0.03, 0.05, 0.08)
Floats = NDArray[np.float32]


def evaluate_catalogue(
    *,
    model: Path,
    root: Path,
    split: str = "test",
    precision: Precision | None = None,
    quickdraw: Path | None = None,
    seats: Path | None = None,
) -> dict[str, Any]:
    """Return every metric that the given data allows, each with its 95 % interval; the module describes them.

    Plain names follow the served order: shortlist by Hamming distance, cosine, category prior. `*_cosine` ranks the
    whole gallery by cosine, `*_hash` by Hamming distance. `categories` holds precision@10 by QuickDraw name with its
    number of sketches and products. Raises ModelError, DatasetError, ConfigError.
    """
    encoder = Encoder.load(model, precision=precision)
    catalogue = Catalogue(root)
    gallery = Gallery.of(encoder, catalogue)
    queries, own = instance_queries(catalogue, split)
    ranked = gallery.ranked(encoder, queries)
    result: dict[str, Any] = {f"acc@{k}": summary(accuracy_at(ranked.served, own, k)) for k in (1, 5, 10)}
    result["acc@1_cosine"] = summary(accuracy_at(ranked.cosine, own, 1))
    result["acc@10_cosine"] = summary(accuracy_at(ranked.cosine, own, 10))
    result["acc@10_hash"] = summary(accuracy_at(ranked.hamming, own, 10))
    result["median_rank"] = float(np.median(expected_ranks(ranked.cosine, own)))
    result |= {
        "n_queries": len(queries),
        "n_gallery": len(catalogue.products),
        "precision": encoder.precision,
    }
    if quickdraw is not None:
        result |= _category_metrics(encoder, catalogue, split, quickdraw, gallery)
    if seats is not None:
        result |= _seat_metrics(encoder, catalogue, seats, gallery)
    return result


def best_prior_temperature(*, model: Path, root: Path, precision: Precision, quickdraw: Path) -> float | None:
    """Return the temperature of the category prior that ranks validation best; None where none improves on the cosine.

    The measure is the mean of two values: precision@10 of doodles, and the mean of acc@1 and acc@10 of synthetic
    queries.
    """
    encoder = Encoder.load(model, precision=precision)
    catalogue = Catalogue(root)
    gallery = Gallery.of(encoder, catalogue)
    queries, own = instance_queries(catalogue, "val")
    doodles, relevant, _ = category_queries(catalogue, read_quickdraw(quickdraw), "val")
    if not doodles:
        return None
    drawn, doodled = gallery.ranked(encoder, queries), gallery.ranked(encoder, doodles)

    def score(temperature: float | None) -> float:
        served = drawn.reranked(temperature)
        found = (accuracy_at(served, own, 1).mean() + accuracy_at(served, own, 10).mean()) / 2
        return float(found + precision_at(doodled.reranked(temperature), relevant, 10).mean()) / 2

    return max((None, *TEMPERATURES), key=score)


@dataclass(frozen=True)
class Ranked:
    """Queries against a gallery: distances (Q, P), smaller is nearer.

    categories: int64 (P,), the category number of each product. temperature: the model's for the category prior.
    """

    cosine: Floats
    hamming: Floats
    categories: NDArray[np.int64]
    temperature: float | None

    @property
    def served(self) -> Floats:
        """Distances in the served order, infinite outside the shortlist."""
        return self.reranked(self.temperature)

    def reranked(self, temperature: float | None) -> Floats:
        """Return the distances as served with this temperature of the category prior, infinite outside the shortlist."""
        distances = np.where(_shortlisted(self.hamming), self.cosine, np.float32(np.inf))
        if temperature is not None:
            prior = CategoryPrior(self.categories, temperature)
            for row in distances:
                listed = np.flatnonzero(np.isfinite(row))
                row[listed] = -prior.scores(listed, -row[listed])
        return distances


@dataclass(frozen=True)
class Gallery:
    """Main photos of a catalogue: embeddings (P, D), codes (P, K) in -1, +1, category numbers (P,)."""

    vectors: Floats
    codes: Floats
    categories: NDArray[np.int64]

    @classmethod
    def of(cls, encoder: Encoder, catalogue: Catalogue) -> "Gallery":
        """Encode the main photo of every product."""
        categories = np.unique([product.category for product in catalogue.products], return_inverse=True)[1]
        return cls(*_gallery(encoder, catalogue), categories.astype(np.int64))

    def ranked(self, encoder: Encoder, sketches: Sequence[Sketch]) -> Ranked:
        """Encode the sketches and compare each with the whole gallery."""
        embedding, bits = _encoded(encoder, sketches)
        hamming = ((encoder.code_length - bits @ self.codes.T) / 2).astype(np.float32)
        return Ranked(
            -embedding @ self.vectors.T, hamming, self.categories, encoder.manifest.prior_temperature
        )


def _gallery(encoder: Encoder, catalogue: Catalogue) -> tuple[Floats, Floats]:
    """Return embeddings (P, D) and codes (P, K) in -1, +1 of every main photo."""
    photos = [read_photo(product.views[0].photo) for product in catalogue.products]
    encodings = encoder.encode_photos(photos)
    return encodings.embeddings, _signs(encodings.hash_codes)


def _encoded(encoder: Encoder, sketches: Sequence[Sketch]) -> tuple[Floats, Floats]:
    encodings = [encoder.encode_sketch(sketch) for sketch in sketches]
    embedding = np.stack([encoding.embedding for encoding in encodings])
    return embedding, _signs(np.stack([encoding.hash_code for encoding in encodings]))


def _signs(packed: NDArray[np.uint8]) -> Floats:
    return unpack(packed).astype(np.float32) * 2 - 1


def _shortlisted(hamming: NDArray[np.floating[Any]], size: int = SHORTLIST) -> NDArray[np.bool_]:
    """Mark the rows whose Hamming distance is among the `size` smallest of their query, ties included, (Q, G)."""
    size = min(size, hamming.shape[1])
    return np.asarray(hamming <= np.partition(hamming, size - 1, axis=1)[:, size - 1 : size])


def _category_metrics(
    encoder: Encoder, catalogue: Catalogue, split: str, quickdraw: Path, gallery: Gallery
) -> dict[str, Any]:
    sketches, relevant, names = category_queries(catalogue, read_quickdraw(quickdraw), split)
    ranked = gallery.ranked(encoder, sketches)
    precise = precision_at(ranked.served, relevant, 10)
    table = {}
    for name in sorted(set(names)):
        rows = np.array([n == name for n in names])
        low, high = bootstrap_interval(precise[rows])
        table[name] = {
            "precision@10": float(precise[rows].mean()),
            "interval": [low, high],
            "n_sketches": int(rows.sum()),
            "n_products": int(relevant[rows][0].sum()),
        }
    return {
        "precision@10": summary(precise),
        "precision@10_cosine": summary(precision_at(ranked.cosine, relevant, 10)),
        "precision@10_hash": summary(precision_at(ranked.hamming, relevant, 10)),
        "n_doodles": len(sketches),
        "categories": table,
    }


def _seat_metrics(encoder: Encoder, catalogue: Catalogue, root: Path, gallery: Gallery) -> dict[str, Any]:
    sketches = read_sketch_pack(root, "--seats")
    ranked = gallery.ranked(encoder, sketches)
    seat = np.array([product.category in SEATS for product in catalogue.products])
    relevant = np.broadcast_to(seat, (len(sketches), len(seat)))
    return {
        "seats@10": summary(precision_at(ranked.served, relevant, 10)),
        "seats@10_cosine": summary(precision_at(ranked.cosine, relevant, 10)),
        "n_seat_sketches": len(sketches),
        "n_seats": int(seat.sum()),
    }

"""Measure a model folder on a catalogue, through the exported networks and the search that serve it.

instance   deformed line drawings of held-out products to their own product (synthetic queries)
category   human QuickDraw doodles of the split: precision@10 over names with at least ten right products; any@10, the
           share that finds any right product in the top ten, over names with one to nine
partial    the same with half of the strokes
seats      human Chair-V2 sketches: share of seats in the top ten

Plain names follow the served order; `*_shape` ranks by shape alone, as if nothing was recognised; `*_cosine` by the
cosine without a shortlist; `*_hash` by Hamming distance. The encoder is centred on the catalogue's photos; no visitor's
sketch was counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.datasets.catalogue import Catalogue
from ml.datasets.quickdraw import QuickDrawSketch, read_quickdraw, read_sketch_pack
from ml.metrics.ranking import accuracy_at, bootstrap_interval, expected_ranks, precision_at, summary
from ml.protocols.gallery import Encoded, SearchedGallery
from ml.protocols.queries import category_queries, half_drawn, instance_queries
from ml.serving.encoder import Encoder
from ml.serving.manifest import Precision
from ml.serving.recogniser import Recogniser

ZOO = Path(__file__).parents[1] / "zoo"
RECOGNISER = ZOO / "recogniser"
SEATS = ("armchair", "bench", "chair", "office-chair", "sofa", "stool")
NAME_WEIGHTS = (0.0, 0.1, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5)
FEW = 10  # names with fewer right products are measured by any@10
Floats = NDArray[np.float32]


def evaluate_catalogue(
    *,
    model: Path,
    root: Path,
    split: str = "test",
    precision: Precision | None = None,
    quickdraw: Path | None = None,
    seats: Path | None = None,
    recogniser: Path | None = RECOGNISER,
) -> dict[str, Any]:
    """Return every metric that the given data allows, each with its 95 % interval; the module describes them.

    recogniser: a model folder; None ranks by shape alone. `categories` holds precision@10 and any@10 by QuickDraw name
    with its number of sketches and products. Raises ModelError, DatasetError, ConfigError.
    """
    encoder = Encoder.load(model, precision=precision)
    known = Recogniser.load(recogniser, precision=precision) if recogniser else None
    catalogue = Catalogue(root)
    gallery = SearchedGallery.of(encoder, catalogue, known)
    sketches, own = instance_queries(catalogue, split)
    queries = gallery.encoded(sketches)
    result: dict[str, Any] = {}
    for suffix, distances in _orders(gallery, queries).items():
        for k in (1, 5, 10):
            result[f"acc@{k}{suffix}"] = summary(accuracy_at(distances, own, k))
    result["median_rank"] = float(np.median(expected_ranks(gallery.cosine_distances(queries), own)))
    result |= {
        "n_queries": len(sketches),
        "n_gallery": len(catalogue.products),
        "precision": encoder.precision,
    }
    if quickdraw is not None:
        result |= _category_metrics(gallery, catalogue, split, read_quickdraw(quickdraw))
    if seats is not None:
        result |= _seat_metrics(gallery, catalogue, seats)
    return result


def best_name_weight(
    *, model: Path, root: Path, precision: Precision, quickdraw: Path, recogniser: Path = RECOGNISER
) -> float:
    """Return the weight of recognised names that ranks validation best.

    The measure is the mean of three values: precision@10 and any@10 of doodles, as far as there are names for each, and
    the mean of acc@1 and acc@10 of synthetic queries.
    """
    encoder = Encoder.load(model, precision=precision)
    catalogue = Catalogue(root)
    gallery = SearchedGallery.of(encoder, catalogue, Recogniser.load(recogniser, precision=precision))
    sketches, own = instance_queries(catalogue, "val")
    drawn = gallery.encoded(sketches)
    doodles, relevant, _ = category_queries(catalogue, read_quickdraw(quickdraw), "val")
    doodled = gallery.encoded(doodles)
    many = relevant.sum(axis=1) >= FEW

    def score(weight: float) -> float:
        served = gallery.served(drawn, name_weight=weight)
        parts = [(accuracy_at(served, own, 1).mean() + accuracy_at(served, own, 10).mean()) / 2]
        precise = precision_at(gallery.served(doodled, name_weight=weight), relevant, 10)
        if many.any():
            parts.append(precise[many].mean())
        if not many.all():
            parts.append((precise[~many] > 0).mean())
        return float(np.mean(parts))

    return max(NAME_WEIGHTS, key=score)


def _orders(gallery: SearchedGallery, queries: Encoded) -> dict[str, Floats]:
    """Return the distances (Q, P) of each order, by the suffix of its metrics."""
    orders = {"": gallery.served(queries)}
    if queries.probabilities is not None:
        orders["_shape"] = gallery.served(queries, name_weight=0.0)
    return orders | {
        "_cosine": gallery.cosine_distances(queries),
        "_hash": gallery.hamming_distances(queries),
    }


def _category_metrics(
    gallery: SearchedGallery, catalogue: Catalogue, split: str, doodles: Sequence[QuickDrawSketch]
) -> dict[str, Any]:
    sketches, relevant, names = category_queries(catalogue, doodles, split)
    queries = gallery.encoded(sketches)
    many = relevant.sum(axis=1) >= FEW
    result: dict[str, Any] = {}

    def measure(suffix: str, distances: Floats) -> NDArray[np.float64]:
        precise = precision_at(distances, relevant, 10)
        if many.any():
            result[f"precision@10{suffix}"] = summary(precise[many])
        if not many.all():
            result[f"any@10{suffix}"] = summary((precise[~many] > 0).astype(np.float64))
        return precise

    precise = np.zeros(len(sketches))
    for suffix, distances in _orders(gallery, queries).items():
        found = measure(suffix, distances)
        precise = precise if suffix else found
    measure("_half", gallery.served(gallery.encoded([half_drawn(sketch) for sketch in sketches])))
    return result | {"n_doodles": len(sketches), "categories": _by_name(names, relevant, precise)}


def _by_name(
    names: Sequence[str], relevant: NDArray[np.bool_], precise: NDArray[np.float64]
) -> Mapping[str, dict[str, Any]]:
    table = {}
    for name in sorted(set(names)):
        rows = np.array([each == name for each in names])
        low, high = bootstrap_interval(precise[rows])
        table[name] = {
            "precision@10": float(precise[rows].mean()),
            "interval": [low, high],
            "any@10": float((precise[rows] > 0).mean()),
            "n_sketches": int(rows.sum()),
            "n_products": int(relevant[rows][0].sum()),
        }
    return table


def _seat_metrics(gallery: SearchedGallery, catalogue: Catalogue, root: Path) -> dict[str, Any]:
    sketches = read_sketch_pack(root, "--seats")
    queries = gallery.encoded(sketches)
    seat = np.array([product.category in SEATS for product in catalogue.products])
    relevant = np.broadcast_to(seat, (len(sketches), len(seat)))
    metrics = {
        f"seats@10{suffix}": summary(precision_at(distances, relevant, 10))
        for suffix, distances in _orders(gallery, queries).items()
    }
    return {**metrics, "n_seat_sketches": len(sketches), "n_seats": int(seat.sum())}

"""Measures a model folder on a catalogue, through the same ONNX encoder and two-stage geometry that serve it.

instance   deformed line drawings of held-out products to their own product (synthetic queries)
category   human QuickDraw doodles of the split, precision@10 over names with at least ten right products
seats      human Chair-V2 sketches: share of seats in the top ten
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.datasets.catalogue import Catalogue, read_photo
from ml.datasets.quickdraw import read_quickdraw, read_sketch_pack
from ml.evaluation.metrics import accuracy_at, bootstrap_interval, expected_ranks, precision_at, summary
from ml.evaluation.queries import category_queries, instance_queries
from ml.retrieval.packing import unpack
from ml.serving.encoder import Encoder
from ml.sketch.strokes import Sketch

SEATS = ("armchair", "bench", "chair", "office-chair", "sofa", "stool")
Floats = NDArray[np.float32]


def evaluate_catalogue(
    *,
    model: Path,
    root: Path,
    split: str = "test",
    precision: str | None = None,
    quickdraw: Path | None = None,
    seats: Path | None = None,
) -> dict[str, Any]:
    """Every metric that the given data allows, each with its 95 % interval; see the module for what they are.

    `acc@k_shown` follows the served order (shortlist by Hamming distance, then cosine); the plain ones rank the whole
    gallery by cosine. `categories` holds precision@10 by QuickDraw name with its number of sketches and products.
    """
    encoder = Encoder.load(model, precision=precision)
    catalogue = Catalogue(root)
    vectors, codes = _gallery(encoder, catalogue)
    queries, own = instance_queries(catalogue, split)
    embedding, bits = _encoded(encoder, queries)
    cosine = -embedding @ vectors.T
    hamming = (encoder.code_length - bits @ codes.T) / 2
    result: dict[str, Any] = {f"acc@{k}": summary(accuracy_at(cosine, own, k)) for k in (1, 5, 10)}
    shown = np.where(_shortlisted(hamming), cosine, np.inf)
    result["acc@10_two_stage"] = summary(accuracy_at(shown, own, 10))
    result["acc@10_hash"] = summary(accuracy_at(hamming, own, 10))
    result["median_rank"] = float(np.median(expected_ranks(cosine, own)))
    result |= {"n_queries": len(queries), "n_gallery": len(vectors), "precision": encoder.manifest.precision}
    if quickdraw is not None:
        result |= _category_metrics(encoder, catalogue, split, quickdraw, vectors, codes)
    if seats is not None:
        result |= _seat_metrics(encoder, catalogue, seats, vectors)
    return result


def _gallery(encoder: Encoder, catalogue: Catalogue) -> tuple[Floats, Floats]:
    """Embeddings (P, D) and codes (P, K) in -1, +1 of every main photo."""
    photos = [read_photo(product.views[0].photo) for product in catalogue.products]
    encodings = encoder.encode_photos(photos)
    return encodings.embeddings, _signs(encodings.hash_codes)


def _encoded(encoder: Encoder, sketches: Sequence[Sketch]) -> tuple[Floats, Floats]:
    encodings = [encoder.encode_sketch(sketch) for sketch in sketches]
    embedding = np.stack([encoding.embedding for encoding in encodings])
    return embedding, _signs(np.stack([encoding.hash_code for encoding in encodings]))


def _signs(packed: NDArray[np.uint8]) -> Floats:
    return unpack(packed).astype(np.float32) * 2 - 1


def _shortlisted(hamming: NDArray[np.floating[Any]], size: int = 400) -> NDArray[np.bool_]:
    """Rows whose Hamming distance is among the `size` smallest of their query, ties included, (Q, G)."""
    size = min(size, hamming.shape[1])
    return np.asarray(hamming <= np.partition(hamming, size - 1, axis=1)[:, size - 1 : size])


def _category_metrics(
    encoder: Encoder, catalogue: Catalogue, split: str, quickdraw: Path, vectors: Floats, codes: Floats
) -> dict[str, Any]:
    sketches, relevant, names = category_queries(catalogue, read_quickdraw(quickdraw), split)
    embedding, bits = _encoded(encoder, sketches)
    precise = precision_at(-embedding @ vectors.T, relevant, 10)
    hashed = precision_at(-bits @ codes.T, relevant, 10)
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
        "precision@10_hash": summary(hashed),
        "n_doodles": len(sketches),
        "categories": table,
    }


def _seat_metrics(encoder: Encoder, catalogue: Catalogue, root: Path, vectors: Floats) -> dict[str, Any]:
    sketches = read_sketch_pack(root, "--seats")
    embedding, _ = _encoded(encoder, sketches)
    seat = np.array([product.category in SEATS for product in catalogue.products])
    relevant = np.broadcast_to(seat, (len(sketches), len(seat)))
    return {
        "seats@10": summary(precision_at(-embedding @ vectors.T, relevant, 10)),
        "n_seat_sketches": len(sketches),
        "n_seats": int(seat.sum()),
    }

"""Estimate a catalogue's centres from a sample of its photos, without labels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from ml.errors import SketchError
from ml.retrieval.centres import Centres
from ml.serving.encoder import Encoder
from ml.sketch.humanise import humanised
from ml.sketch.raster import rasterise
from ml.sketch.strokes import Sketch
from ml.sketch.trace import trace_lines

VIEWS = ("photo", "edge")
SAMPLE = 200  # photos: more would hardly move the means


def estimate_centres(encoder: Encoder, photos: Iterable[Sequence[NDArray[np.uint8]]]) -> Centres | None:
    """Return the centres by the `VIEWS` of photos; None without any, or if the encoder takes no centres."""
    views: dict[str, list[NDArray[np.uint8]]] = {"sketch": [], "edge": [], "photo": []}
    if not encoder.takes_centres:
        return None
    for number, (seen, edges) in enumerate(photos):
        views["photo"].append(seen)
        views["edge"].append(edges)
        drawn = sketch_of_edges(edges, np.random.default_rng(number))
        views["sketch"].append(edges if drawn is None else rasterise(drawn, encoder.raster))
    n = len(views["photo"])
    if not n:
        return None
    means = [
        encoder.projections(views[domain], domain).mean(axis=0) for domain in ("sketch", "edge", "photo")
    ]
    return Centres.estimated(np.stack(means), n)


def spread(products: NDArray[np.int64], n: int) -> list[int]:
    """Return at most n places in `products`, int64 (N,), evenly spread, each product once, now one photo, now another.

    A product with many photos counts no more than others.
    """
    _, firsts, counts = np.unique(products, return_index=True, return_counts=True)
    if len(firsts) == len(products):
        rows: list[int] = np.linspace(0, len(products) - 1, min(n, len(products))).astype(int).tolist()
        return rows
    by_product = products.argsort(kind="stable")
    starts = counts.cumsum() - counts
    chosen = np.linspace(0, len(firsts) - 1, min(n, len(firsts))).astype(int)
    return sorted(by_product[starts[chosen] + chosen % counts[chosen]].tolist())


def sketch_of_edges(edges: NDArray[np.uint8], rng: np.random.Generator) -> Sketch | None:
    """Return a synthetic sketch of a photo: its edge map, uint8 (S, S), traced and humanised.

    None if there is nothing to trace.
    """
    try:
        lines = trace_lines(edges, field="photo")
    except SketchError:
        return None
    return humanised(lines, rng, partial_prob=0.0)

"""Estimate a catalogue's centres from a sample of its photos, without labels."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from ml.errors import SketchError
from ml.images.views import gallery_images
from ml.retrieval.centres import Centres
from ml.serving.encoder import Encoder
from ml.sketch.abstraction import abstracted
from ml.sketch.augment import mls_deform, stroke_removal
from ml.sketch.jitter import jitter
from ml.sketch.raster import rasterise
from ml.sketch.strokes import Sketch
from ml.sketch.trace import trace_lines

SAMPLE = 200  # photos: more would hardly move the means


def estimate_centres(encoder: Encoder, photos: Iterable[NDArray[np.uint8]]) -> Centres | None:
    """Return the centres by photos, uint8 (H, W, 3); None without any, or if the encoder takes no centres."""
    views: dict[str, list[NDArray[np.uint8]]] = {"sketch": [], "edge": [], "photo": []}
    if not encoder.takes_centres:
        return None
    for number, photo in enumerate(photos):
        seen, edges = gallery_images(photo, ("photo", "edge"), encoder.raster)
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


def sketch_of_edges(edges: NDArray[np.uint8], rng: np.random.Generator) -> Sketch | None:
    """Return a synthetic sketch of a photo: its edge map, uint8 (S, S), traced, simplified and drawn by a shaky hand.

    None if there is nothing to trace.
    """
    try:
        sketch = trace_lines(edges, field="photo")
    except SketchError:
        return None
    if rng.random() < 0.6:
        sketch = abstracted(sketch, float(rng.uniform(0.02, 0.07)), shortest=float(rng.uniform(0.0, 0.15)))
    sketch = stroke_removal(sketch, float(rng.uniform(0.0, 0.3)), rng)
    return jitter(mls_deform(sketch, rng, strength=float(rng.uniform(0.01, 0.05))), rng)

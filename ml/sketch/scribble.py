"""Random drawings, for references and benchmarks."""

from __future__ import annotations

import numpy as np

from ml.sketch.strokes import Sketch, sketch_from_xy


def scribbled(rng: np.random.Generator, *, n_strokes: int, n_points: int, step: float) -> Sketch:
    """Return strokes of `n_points` each that turn like hand-drawn ones, with points `step` units apart, on 512 x 512."""
    strokes = []
    for _ in range(n_strokes):
        angle = rng.uniform(0, 6) + np.cumsum(rng.normal(0, 0.3, n_points))
        moves = np.stack([np.cos(angle), np.sin(angle)], axis=1) * step
        strokes.append(128 + rng.uniform(-60, 60, 2) + np.cumsum(moves, axis=0))
    return sketch_from_xy(strokes, 512, 512)

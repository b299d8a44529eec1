"""Made-up drawings, for references and benchmarks."""

from __future__ import annotations

import numpy as np

from ml.sketch.strokes import Sketch, sketch_from_xy


def scribbled(rng: np.random.Generator, *, n_strokes: int, n_points: int, step: float) -> Sketch:
    """Strokes of `n_points` each that turn as a hand's do, `step` units from point to point, on a canvas of 512."""
    strokes = []
    for _ in range(n_strokes):
        angle = rng.uniform(0, 6) + np.cumsum(rng.normal(0, 0.3, n_points))
        moves = np.stack([np.cos(angle), np.sin(angle)], axis=1) * step
        strokes.append(128 + rng.uniform(-60, 60, 2) + np.cumsum(moves, axis=0))
    return sketch_from_xy(strokes, 512, 512)

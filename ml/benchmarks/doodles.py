"""Generated doodles for benchmarks and tests, with as many strokes and points as people draw."""

from __future__ import annotations

import numpy as np

from ml.sketch.strokes import Sketch, sketch_from_xy


def doodle(seed: int, *, n_strokes: int = 5, n_points: int = 160) -> Sketch:
    """Return smooth closed and open curves and straight lines on a 256 x 256 canvas, about `n_points` in all."""
    rng = np.random.default_rng(seed)
    strokes = []
    for share in rng.dirichlet(np.full(n_strokes, 3.0)):
        n = max(2, round(share * n_points))
        t = np.linspace(0, 1, n)
        kind = rng.integers(3)
        centre, radius = rng.uniform(60, 196, 2), rng.uniform(15, 60, 2)
        if kind == 0:  # loop
            angle = 2 * np.pi * (t + rng.random())
            line = centre + radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)
        elif kind == 1:  # line
            line = centre + np.outer(2 * t - 1, radius * rng.choice([-1, 1], 2))
        else:  # wave with a corner
            bend = np.abs(np.sin(np.pi * (1.5 * t + rng.random())))
            line = centre + np.stack([(2 * t - 1) * radius[0], bend * radius[1]], axis=1)
        strokes.append(line + rng.normal(0, 0.4, line.shape))
    return sketch_from_xy(strokes, 256, 256)

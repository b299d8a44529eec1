"""Augmentation of the recogniser's drawings."""

import numpy as np

from ml.sketch.augment import mls_deform, partial_ink, stroke_removal
from ml.sketch.jitter import JitterSpec, jitter
from ml.sketch.strokes import Sketch
from ml.systems.recogniser.config import RecogniserConfig

_SPECS = (
    JitterSpec(),
    JitterSpec(
        rotation_deg=10.0, scale=0.15, shear=0.1, warp=0.03, stroke_shift=0.02, stroke_scale=0.08, wobble=0.01
    ),
)


def varied(sketch: Sketch, rng: np.random.Generator, config: RecogniserConfig) -> Sketch:
    """Return a drawing mirrored, unfinished, with strokes removed or deformed, each only sometimes."""
    if rng.random() < 0.5:
        xy = sketch.points()[:, :2].copy()
        xy[:, 0] = sketch.width - xy[:, 0]
        sketch = sketch.with_xy(xy)
    if rng.random() < config.partial_prob:
        sketch = partial_ink(sketch, float(rng.uniform(0.3, 0.95)))
    if rng.random() < 0.15:
        sketch = stroke_removal(sketch, float(rng.uniform(0.0, 0.3)), rng)
    if rng.random() < 0.3:
        sketch = mls_deform(sketch, rng, strength=float(rng.uniform(0.01, 0.05)))
    if rng.random() < 0.85:
        sketch = jitter(sketch, rng, _SPECS[int(rng.random() < 0.5)])
    return sketch

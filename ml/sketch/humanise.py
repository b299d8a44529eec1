"""Turn clean line drawings into sketches as people draw them: fewer lines, deformed, jittered, sometimes unfinished."""

from __future__ import annotations

import numpy as np

from ml.sketch.abstraction import abstracted
from ml.sketch.augment import mls_deform, partial_ink, stroke_removal
from ml.sketch.jitter import JitterSpec, jitter
from ml.sketch.strokes import Sketch

SKETCHY = JitterSpec()
SLOPPY = JitterSpec(
    rotation_deg=8.0, scale=0.15, shear=0.08, warp=0.03, stroke_shift=0.02, stroke_scale=0.08, wobble=0.012
)


def humanised(
    drawing: Sketch, rng: np.random.Generator, *, abstract_prob: float = 0.6, partial_prob: float = 0.3
) -> Sketch:
    """Return a sketch made of a line drawing: strokes removed, deformed, jittered, sometimes unfinished.

    Most keep only one of several parallel lines of the render, as people do: the outline and a few inner strokes.
    """
    sketch = drawing
    if rng.random() < abstract_prob:
        spacing, shortest = rng.uniform(0.02, 0.07), rng.uniform(0.0, 0.15)
        sketch = abstracted(sketch, float(spacing), shortest=float(shortest))
        removed = 0.25
    else:
        removed = 0.6
    if rng.random() < partial_prob:
        sketch = partial_ink(sketch, float(rng.uniform(0.35, 0.95)))
    if rng.random() < 0.8:
        sketch = stroke_removal(sketch, float(rng.uniform(0.0, removed)), rng)
    if rng.random() < 0.7:
        sketch = mls_deform(sketch, rng, strength=float(rng.uniform(0.01, 0.06)))
    return jitter(sketch, rng, SLOPPY if rng.random() < 0.5 else SKETCHY)

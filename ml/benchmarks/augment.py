"""`bench augment`: microseconds per call of each augmentation of a 100-point sketch."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ml.benchmarks.doodles import doodle
from ml.benchmarks.timing import repeated_ms
from ml.sketch.augment import mls_deform, mls_rigid, partial_ink, stroke_removal, variants
from ml.sketch.jitter import jitter

N_POINTS = 100


def run() -> dict[str, object]:
    """Return median microseconds; `variants` makes twelve sketches, `twelfth of variants` is the cost of one."""
    sketch = doodle(1, n_strokes=5, n_points=N_POINTS)
    rng = np.random.default_rng(0)
    points = sketch.points()[:, :2].astype(np.float64).view(np.complex128)[:, 0]
    controls = points[:: len(points) // 15]
    targets = controls + rng.normal(0, 5, len(controls))
    calls: dict[str, Callable[[], object]] = {
        "stroke_removal": lambda: stroke_removal(sketch, 0.3, rng),
        "mls_rigid alone": lambda: mls_rigid(points, controls, targets),
        "mls_deform": lambda: mls_deform(sketch, rng),
        "stroke_removal + mls_deform": lambda: mls_deform(stroke_removal(sketch, 0.3, rng), rng),
        "variants": lambda: variants(sketch, rng),
        "partial_ink": lambda: partial_ink(sketch, 0.5),
        "jitter": lambda: jitter(sketch, rng),
    }
    median_us = {name: round(1e3 * float(np.median(repeated_ms(call))), 1) for name, call in calls.items()}
    median_us["twelfth of variants"] = round(median_us["variants"] / 12, 1)
    return {"points": len(points), "controls": len(controls), "median_us": median_us}

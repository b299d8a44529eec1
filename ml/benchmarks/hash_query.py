"""`bench hash-query`: encoding one drawing by SketchMate on onnxruntime, one thread, strokes to code.

The networks have random weights, which costs the same: of the `cpu` profile's sizes, and of the paper's.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from ml.benchmarks.timing import percentiles, repeated_ms
from ml.serving.hasher import SketchCodes
from ml.sketch.strokes import Sketch, sketch_from_xy

N_STROKES, POINTS_A_STROKE = 6, 40


def run() -> dict[str, Any]:
    """p50 and p95 of each profile, for a drawing of six strokes and 240 points before simplification."""
    from ml.models.sketchmate import SketchMate
    from ml.systems.sketchmate_config import PROFILES
    from ml.systems.sketchmate_export import export_hasher
    from ml.systems.sketchmate_scorer import SketchHasher

    result: dict[str, Any] = {}
    sketch = _drawing()
    for name, settings in PROFILES.items():
        hasher = SketchHasher(SketchMate(settings.network(345)), settings, ())
        with TemporaryDirectory() as folder:
            export_hasher(hasher, Path(folder))
            codes = SketchCodes(Path(folder))
            times = repeated_ms(lambda codes=codes: codes.code(sketch))  # type: ignore[misc]
        result[f"profile={name} image={settings.image_px}px"] = percentiles(times)
    return result


def _drawing() -> Sketch:
    """Strokes that turn as a hand's do."""
    rng = np.random.default_rng(0)
    strokes = []
    for _ in range(N_STROKES):
        angle = rng.uniform(0, 6) + np.cumsum(rng.normal(0, 0.3, POINTS_A_STROKE))
        step = np.stack([np.cos(angle), np.sin(angle)], axis=1) * 5
        strokes.append(128 + rng.uniform(-60, 60, 2) + np.cumsum(step, axis=0))
    return sketch_from_xy(strokes, 512, 512)

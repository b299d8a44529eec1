"""`bench hash-query`: encoding one drawing by SketchMate and GDH on onnxruntime, one thread, strokes to code.

The networks have random weights, which costs the same: of each profile's sizes, the paper's (`gpu`) among them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
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
    from ml.models.gdh import Gdh
    from ml.models.sketchmate import SketchMate
    from ml.systems import (
        gdh_config,
        gdh_export,
        gdh_scorer,
        sketchmate_config,
        sketchmate_export,
        sketchmate_scorer,
    )

    result: dict[str, Any] = {}
    for name, settings in sketchmate_config.PROFILES.items():
        strokes = sketchmate_scorer.SketchHasher(SketchMate(settings.network(345)), settings, ())
        result[f"sketchmate profile={name} image={settings.image_px}px"] = _measured(
            partial(sketchmate_export.export_hasher, strokes)
        )
    for name, sizes in gdh_config.PROFILES.items():
        pixels = gdh_scorer.GdhHasher(Gdh(sizes.network()), sizes)
        result[f"gdh profile={name} image={sizes.image_px}px"] = _measured(
            partial(gdh_export.export_hasher, pixels)
        )
    return result


def _measured(export: Callable[[Path], object]) -> dict[str, float]:
    """Times of the encoder that `export` writes into a folder."""
    sketch = _drawing()
    with TemporaryDirectory() as folder:
        export(Path(folder))
        codes = SketchCodes(Path(folder))
        return percentiles(repeated_ms(lambda: codes.code(sketch)))


def _drawing() -> Sketch:
    """Strokes that turn as a hand's do."""
    rng = np.random.default_rng(0)
    strokes = []
    for _ in range(N_STROKES):
        angle = rng.uniform(0, 6) + np.cumsum(rng.normal(0, 0.3, POINTS_A_STROKE))
        step = np.stack([np.cos(angle), np.sin(angle)], axis=1) * 5
        strokes.append(128 + rng.uniform(-60, 60, 2) + np.cumsum(step, axis=0))
    return sketch_from_xy(strokes, 512, 512)

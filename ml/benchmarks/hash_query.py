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
from ml.sketch.scribble import scribbled

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
    sketch = scribbled(np.random.default_rng(0), n_strokes=N_STROKES, n_points=POINTS_A_STROKE, step=5)
    with TemporaryDirectory() as folder:
        export(Path(folder))
        codes = SketchCodes(Path(folder))
        return percentiles(repeated_ms(lambda: codes.code(sketch)))

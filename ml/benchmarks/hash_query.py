"""`bench hash-query`: encode a drawing with SketchMate and GDH, from strokes to code, on onnxruntime with one thread.

The networks have the sizes of each profile, including the paper's (`gpu`), and random weights, which take the same time.
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

N_STROKES, POINTS_PER_STROKE = 6, 40


def run() -> dict[str, Any]:
    """Return p50 and p95 of each profile in ms, for a drawing of six strokes and 240 points before simplification."""
    from ml.models.gdh.network import Gdh
    from ml.models.sketchmate.network import SketchMate
    from ml.systems.gdh.config import PROFILES as GDH_PROFILES
    from ml.systems.gdh.export import export_hasher as export_gdh
    from ml.systems.gdh.scorer import GdhHasher
    from ml.systems.sketchmate.config import PROFILES as SKETCHMATE_PROFILES
    from ml.systems.sketchmate.export import export_hasher as export_sketchmate
    from ml.systems.sketchmate.scorer import SketchHasher

    result: dict[str, Any] = {}
    for name, settings in SKETCHMATE_PROFILES.items():
        strokes = SketchHasher(SketchMate(settings.network(345)), settings, ())
        result[f"sketchmate profile={name} image={settings.image_size_px}px"] = _measured(
            partial(export_sketchmate, strokes)
        )
    for name, sizes in GDH_PROFILES.items():
        pixels = GdhHasher(Gdh(sizes.network()), sizes)
        result[f"gdh profile={name} image={sizes.image_size_px}px"] = _measured(partial(export_gdh, pixels))
    return result


def _measured(export: Callable[[Path], object]) -> dict[str, float]:
    """Time the encoder that `export` writes into a folder."""
    sketch = scribbled(np.random.default_rng(0), n_strokes=N_STROKES, n_points=POINTS_PER_STROKE, step=5)
    with TemporaryDirectory() as folder:
        export(Path(folder))
        codes = SketchCodes(Path(folder))
        return percentiles(repeated_ms(lambda: codes.code(sketch)))

"""`bench raster`: speed and accuracy of the rasteriser on generated doodles and on the catalogue's drawings.

The reference is the union of the round pens at 8 x 8 samples per pixel, computed from distances, independently of AGG.
"""

from __future__ import annotations

from itertools import islice, pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ml.benchmarks.doodles import doodle
from ml.benchmarks.timing import percentiles, time_ms
from ml.sketch.formats.quickdraw import read_drawings
from ml.sketch.raster import RasterSpec, framing, rasterise
from ml.sketch.strokes import Sketch

DRAWINGS = Path(__file__).parents[2] / "webapp/catalog/demo/data/drawings.ndjson.gz"
OVERSAMPLING = 8
SPEC = RasterSpec()


def run(n_timed: int = 200, n_compared: int = 30) -> dict[str, object]:
    """Return milliseconds per sketch, each timed once after a warm-up, and grey-level errors, by set of sketches."""
    sets = {"doodles": [doodle(seed) for seed in range(n_timed)]}
    if DRAWINGS.exists():
        main_views = (d.sketch for d in read_drawings(DRAWINGS) if d.fields.get("view") == "main")
        sets["catalogue drawings"] = list(islice(main_views, n_timed))
    result: dict[str, object] = {"size_px": SPEC.size, "oversampling": OVERSAMPLING}
    for name, sketches in sets.items():
        for sketch in sketches[:20]:
            rasterise(sketch)
        times_ms = [time_ms(lambda sketch=sketch: rasterise(sketch)) for sketch in sketches]  # type: ignore[misc]
        errors = [grey_error(sketch) for sketch in sketches[:: max(1, len(sketches) // n_compared)]]
        result[name] = percentiles(times_ms) | {
            "mean_grey_error": round(float(np.mean(errors)), 3),
            "max_grey_error": round(float(np.max(errors)), 3),
            "median_points": int(np.median([sketch.lengths.sum() for sketch in sketches])),
            "n_timed": len(times_ms),
            "n_compared": len(errors),
        }
    return result


def grey_error(sketch: Sketch, spec: RasterSpec = SPEC) -> float:
    """Return the mean absolute difference between raster and reference, in grey levels over all pixels."""
    return float(np.abs(rasterise(sketch, spec) - supersampled(sketch, spec)).mean())


def supersampled(sketch: Sketch, spec: RasterSpec = SPEC, k: int = OVERSAMPLING) -> NDArray[np.float64]:
    """Return the reference, box-filtered from k x k samples per pixel, float64 (size, size) in 0..255."""
    scale_x, scale_y, shift_x, shift_y = framing(sketch.ink_box(), spec)
    side, radius = spec.size * k, spec.stroke_width_px / 2 * k
    ink = np.zeros((side, side), dtype=bool)
    for stroke in sketch.strokes:
        xy = stroke[:, :2].astype(np.float64) * [scale_x * k, scale_y * k] + [shift_x * k, shift_y * k]
        for start, end in pairwise(xy) if len(xy) > 1 else [(xy[0], xy[0])]:
            low = np.maximum(np.minimum(start, end) - radius - 1, 0).astype(int)
            high = np.minimum(np.maximum(start, end) + radius + 2, side).astype(int)
            x = np.arange(low[0], high[0])[None] + 0.5 - start[0]
            y = np.arange(low[1], high[1])[:, None] + 0.5 - start[1]
            line = end - start
            squared = float(line @ line)
            along = np.clip((x * line[0] + y * line[1]) / squared, 0, 1) if squared else 0.0
            near = (x - along * line[0]) ** 2 + (y - along * line[1]) ** 2 <= radius**2
            ink[low[1] : high[1], low[0] : high[0]] |= near
    covered = ink.reshape(spec.size, k, spec.size, k).mean(axis=(1, 3))
    return np.asarray(255.0 * (1.0 - covered))

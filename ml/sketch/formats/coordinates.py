"""Rows (x, y, lifted) in absolute coordinates, as in the `*_Coordinate` files of QMUL's Shoe-V2 and Chair-V2.

`lifted` is 1 on a stroke's last point. A file is a pickled dictionary, name -> rows (N, 3); the canvas is 256 x 256. It
may also be an `.npy` of such a dictionary.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ml.errors import SketchError
from ml.sketch.formats.npy import is_npy, read_npy
from ml.sketch.formats.pickles import Numbers, read_pickle
from ml.sketch.strokes import LIMITS, Sketch, SketchLimits, sketch_from_xy

CANVAS = 256.0


def read_coordinates(data: bytes, *, field: str = "coordinates") -> dict[str, NDArray[np.float32]]:
    """Return name -> rows, float32 (N, 3), of a file. Nothing that the file names is run.

    Raises SketchError naming the file, or the entry that is not such an array.
    """
    content = read_npy(data, field=field) if is_npy(data) else read_pickle(data, field=field)
    if isinstance(content, list) and len(content) == 1:  # NumPy saves a dictionary as an array of one object
        content = content[0]
    if not isinstance(content, Mapping) or not content:
        raise SketchError(field, "expected a dictionary of name -> rows (x, y, lifted)")
    found = {}
    for name, rows in content.items():
        if not isinstance(name, str):
            raise SketchError(field, f"expected names as keys, found {str(name)[:40]!r}")
        found[name] = _rows(rows, f"{field}[{name[:80]!r}]")
    return found


def sketch_from_coordinates(
    rows: NDArray[np.float32], *, limits: SketchLimits = LIMITS, field: str = "coordinates"
) -> Sketch:
    """Return the sketch of rows (N, 3), on a canvas of 256 x 256 or the smallest square that fits.

    Raises SketchError on values out of range, or beyond the limits.
    """
    if not 0 < len(rows) <= limits.max_points:
        raise SketchError(field, f"{len(rows)} points, must be 1 to {limits.max_points}")
    if not (np.abs(rows[:, :2]) <= limits.max_side).all():
        raise SketchError(field, f"coordinates must be finite, at most {limits.max_side:g}")
    if not np.isin(rows[:, 2], (0.0, 1.0)).all():
        raise SketchError(field, "the third column must be 0 or 1")
    ends = np.flatnonzero(rows[:-1, 2]) + 1
    if len(ends) >= limits.max_strokes:
        raise SketchError(field, f"{len(ends) + 1} strokes, at most {limits.max_strokes}")
    side = max(CANVAS, float(rows[:, :2].max()))
    return sketch_from_xy(np.split(rows[:, :2], ends), side, side)


def _rows(value: object, field: str) -> NDArray[np.float32]:
    if isinstance(value, Numbers):
        value = value.array(field=field)
    if isinstance(value, list) and len(value) > LIMITS.max_points:
        raise SketchError(field, f"{len(value)} points, at most {LIMITS.max_points}")
    if isinstance(value, list) and all(_is_row(row) for row in value):
        value = np.array(value, np.float64)
    if not isinstance(value, np.ndarray) or value.ndim != 2 or value.shape[1] != 3:
        raise SketchError(field, "expected rows (x, y, lifted)")
    return value.astype(np.float32)


def _is_row(row: object) -> bool:
    return (
        isinstance(row, list | tuple)
        and len(row) == 3
        and all(type(number) in (int, float) for number in row)
    )

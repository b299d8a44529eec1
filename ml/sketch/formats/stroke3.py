"""stroke-3 and stroke-5, the point sequences of sketch-rnn (Ha and Eck, 2017).

stroke-3 rows are (dx, dy, lifted); lifted is 1 on a stroke's last point. stroke-5 rows are (dx, dy, down, lifted,
finished), the last three one-hot, with rows (0, 0, 0, 0, 1) after the end. The first row's offset is the first point.
Neither format has times or pressures.
"""

from __future__ import annotations

from collections.abc import Sized

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ml.errors import SketchError, gettext_noop
from ml.sketch.strokes import LIMITS, Sketch, SketchLimits, sketch_from_xy


def to_stroke3(sketch: Sketch) -> NDArray[np.float32]:
    """Return stroke-3 rows, float32 (N, 3), for N points."""
    xy = sketch.points()[:, :2].astype(np.float64)
    rows = np.zeros((len(xy), 3))
    rows[:, :2] = np.diff(xy, axis=0, prepend=0.0)
    rows[np.cumsum(sketch.lengths) - 1, 2] = 1.0
    return rows.astype(np.float32)


def to_stroke5(sketch: Sketch, length: int | None = None) -> NDArray[np.float32]:
    """Return stroke-5 rows, float32 (length, 5); N + 1 by default, the last one finished. Longer sketches are cut."""
    three = to_stroke3(sketch)
    n = len(three) + 1 if length is None else length
    rows = np.zeros((n, 5), dtype=np.float32)
    kept = three[:n]
    rows[: len(kept), :2] = kept[:, :2]
    rows[: len(kept), 3] = kept[:, 2]
    rows[: len(kept), 2] = 1.0 - kept[:, 2]
    rows[len(kept) :, 4] = 1.0
    return rows


def from_stroke3(
    rows: ArrayLike,
    width: float | None = None,
    height: float | None = None,
    *,
    limits: SketchLimits = LIMITS,
    field: str = "stroke3",
) -> Sketch:
    """Return a sketch of rows (N, 3). Without `width` and `height`, the canvas is the ink's box.

    The last row need not be lifted. Raises SketchError on other shapes or values, or beyond the limits.
    """
    table = _table(rows, 3, limits, field)
    if not np.isin(table[:, 2], (0.0, 1.0)).all():
        raise SketchError(field, gettext_noop("the third column must be 0 or 1"))
    return _sketch(table[:, :2], table[:, 2] == 1.0, width, height, limits, field)


def from_stroke5(
    rows: ArrayLike,
    width: float | None = None,
    height: float | None = None,
    *,
    limits: SketchLimits = LIMITS,
    field: str = "stroke5",
) -> Sketch:
    """Return a sketch of rows (N, 5), read up to the first finished row; otherwise like `from_stroke3`."""
    table = _table(rows, 5, limits, field)
    pen = table[:, 2:]
    if not (np.isin(pen, (0.0, 1.0)).all() and (pen.sum(axis=1) == 1.0).all()):
        raise SketchError(field, gettext_noop("of the last three columns, one must be 1 and the others 0"))
    finished = np.flatnonzero(pen[:, 2])
    end = int(finished[0]) if len(finished) else len(table)
    return _sketch(table[:end, :2], pen[:end, 1] == 1.0, width, height, limits, field)


def _table(rows: ArrayLike, columns: int, limits: SketchLimits, field: str) -> NDArray[np.float64]:
    n = len(rows) if isinstance(rows, Sized) else 0
    if n > 2 * limits.max_points:  # stroke-5 files are padded
        raise SketchError(field, gettext_noop("{n} rows, at most {max}"), n=n, max=2 * limits.max_points)
    try:
        table = np.asarray(rows, dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise SketchError(field, gettext_noop("expected rows of {n} numbers"), n=columns) from error
    if table.ndim != 2 or table.shape[1] != columns:
        wrong = gettext_noop("has the shape {shape}, expected rows of {n} numbers")
        raise SketchError(field, wrong, shape=" x ".join(map(str, table.shape)), n=columns)
    if not (np.abs(table) <= limits.max_side).all():
        raise SketchError(
            field, gettext_noop("offsets must be finite, at most {most:g}"), most=limits.max_side
        )
    return table


def _sketch(
    offsets: NDArray[np.float64],
    lifted: NDArray[np.bool_],
    width: float | None,
    height: float | None,
    limits: SketchLimits,
    field: str,
) -> Sketch:
    if not 0 < len(offsets) <= limits.max_points:
        raise SketchError(
            field, gettext_noop("{n} points, must be 1 to {max}"), n=len(offsets), max=limits.max_points
        )
    xy = np.cumsum(offsets, axis=0)
    if not (np.abs(xy) <= limits.max_side).all():
        raise SketchError(
            field, gettext_noop("coordinates must be finite, at most {most:g}"), most=limits.max_side
        )
    ends = np.flatnonzero(lifted) + 1
    if len(ends) and ends[-1] == len(xy):
        ends = ends[:-1]
    strokes = np.split(xy, ends)
    if len(strokes) > limits.max_strokes:
        raise SketchError(
            field, gettext_noop("{n} strokes, at most {max}"), n=len(strokes), max=limits.max_strokes
        )
    if width is None or height is None:
        low = xy.min(axis=0)
        strokes = [stroke - low for stroke in strokes]
        width, height = np.maximum(xy.max(axis=0) - low, limits.min_side).tolist()
    return sketch_from_xy(strokes, width, height)

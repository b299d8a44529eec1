"""The canonical sketch: strokes with time and pressure, and the validation of every untrusted sketch.

A stroke is a float32 array (n, 4) with the columns x, y (canvas units, y down), t_ms (since the first point of the
sketch, never decreasing) and pressure (0..1). Missing times are synthesised; missing pressure is 0.5.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from math import inf, isfinite, sqrt
from operator import ge, le
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ml.errors import SketchError

X, Y, T, PRESSURE = range(4)
NEUTRAL_PRESSURE = 0.5
_STEP_MS, _PAUSE_MS = (
    16.0,
    250.0,
)  # usual interval of pointer events and a short pen lift, for synthesised times


_COLUMNS = ("x", "y", "t_ms", "pressure")
_LISTS, _NUMBERS = {list, tuple}, {int, float}


@dataclass(frozen=True, slots=True, eq=False)
class Sketch:
    """A drawing on a canvas of `width` x `height` units: at least one stroke, each of at least one point."""

    width: float
    height: float
    strokes: tuple[NDArray[np.float32], ...]  # each (n, 4)

    @property
    def lengths(self) -> NDArray[np.intp]:
        """Number of points of each stroke, (S,)."""
        return np.fromiter(map(len, self.strokes), np.intp, len(self.strokes))

    def points(self) -> NDArray[np.float32]:
        """Return all points in drawing order, float32 (N, 4)."""
        return self.strokes[0] if len(self.strokes) == 1 else np.concatenate(self.strokes)

    def ink_box(self) -> tuple[float, float, float, float]:
        """Return the box (x0, y0, x1, y1) around the stroke centre lines; its width or height may be 0."""
        xy = self.points()[:, :2]
        (x0, y0), (x1, y1) = xy.min(axis=0).tolist(), xy.max(axis=0).tolist()
        return x0, y0, x1, y1

    def with_xy(self, xy: NDArray[np.floating]) -> Sketch:
        """Return the same strokes, times and pressures with other coordinates (N, 2), in the order of `points()`."""
        moved = self.points().copy()
        moved[:, :2] = xy
        return Sketch(self.width, self.height, split(moved, self.lengths))

    def to_payload(self) -> dict[str, object]:
        """Return `{"width", "height", "strokes": [[[x, y, t_ms, pressure], ...], ...]}`, as `parse_sketch` accepts."""
        return {
            "width": self.width,
            "height": self.height,
            "strokes": [stroke.tolist() for stroke in self.strokes],
        }


@dataclass(frozen=True, slots=True)
class SketchLimits:
    """Limits on untrusted sketches; the defaults allow any drawing made by hand."""

    max_strokes: int = 1_000
    max_points_per_stroke: int = 10_000
    max_points: int = 50_000
    min_side: float = 1.0
    max_side: float = 100_000.0
    reach: float = 4.0  # how far outside the canvas a coordinate may be, in canvas sides
    max_time_ms: float = 1e13  # allows absolute times of a wall clock
    max_ink: float = inf  # total length of the framed lines, in sides of the frame


LIMITS = SketchLimits()
# Limits of hand drawing. None of 87,000 doodles and product sketches has more than 1,174 points or 141 sides of ink; a
# tablet that reports 240 points per second reaches the limit in 83 seconds without a pen lift.
HAND_LIMITS = SketchLimits(max_points=20_000, max_ink=500.0)


def split(points: NDArray[np.float32], lengths: Iterable[int]) -> tuple[NDArray[np.float32], ...]:
    """Split points (N, 4) into strokes of the given lengths, as views."""
    strokes, start = [], 0
    for length in lengths:
        strokes.append(points[start : start + length])
        start += length
    return tuple(strokes)


def sketch_from_xy(
    strokes: Sequence[ArrayLike],
    width: float,
    height: float,
    *,
    times: Sequence[ArrayLike] | None = None,
    pressures: Sequence[ArrayLike] | None = None,
) -> Sketch:
    """Return a sketch from trusted coordinates, one (n, 2) array per stroke.

    times, pressures: one (n,) array per stroke; times that run backwards are held at the last time. Empty strokes are
    dropped. Raises SketchError if nothing is left.
    """
    kept = [i for i, xy in enumerate(strokes) if len(np.asarray(xy)) > 0]
    if not kept:
        raise SketchError("sketch.strokes", "empty, expected at least one stroke")
    lengths = [len(np.asarray(strokes[i])) for i in kept]
    points = np.empty((sum(lengths), 4))
    points[:, :2] = np.concatenate([np.asarray(strokes[i], dtype=np.float64) for i in kept])
    points[:, T] = (
        _synthesised_times(lengths)
        if times is None
        else np.maximum.accumulate(np.concatenate([np.asarray(times[i], dtype=np.float64) for i in kept]))
    )
    points[:, T] -= points[0, T]
    points[:, PRESSURE] = (
        NEUTRAL_PRESSURE if pressures is None else np.concatenate([np.asarray(pressures[i]) for i in kept])
    )
    return Sketch(float(width), float(height), split(points.astype(np.float32), lengths))


def parse_sketch(payload: object, *, limits: SketchLimits = LIMITS, field: str = "sketch") -> Sketch:
    """Validate `{"width", "height", "strokes": [[[x, y, t_ms?, pressure?], ...], ...]}`; unknown keys are ignored.

    Times must be given for all strokes or none, by one clock; they become relative to the first point. Counts are checked
    before anything is converted, so an oversized sketch is rejected immediately. Raises SketchError naming the value,
    such as `sketch.strokes[3][17].x`.
    """
    if not isinstance(payload, dict):
        raise SketchError(field, f"{_kind(payload)}, expected an object with width, height and strokes")
    width = _side(payload, "width", limits, field)
    height = _side(payload, "height", limits, field)
    strokes = _counted(payload.get("strokes"), limits, f"{field}.strokes")
    lengths = [len(stroke) for stroke in strokes]
    points, timed = _converted(strokes, lengths, f"{field}.strokes")
    if not timed:
        points[:, T] = _synthesised_times(lengths)
    _check_values(points, lengths, width, height, limits, f"{field}.strokes")
    _check_ink(points, lengths, limits, f"{field}.strokes")
    points[:, T] -= points[0, T]
    return Sketch(width, height, split(points.astype(np.float32), lengths))


def _synthesised_times(lengths: Sequence[int]) -> NDArray[np.float64]:
    stroke_of_point = np.repeat(np.arange(len(lengths)), lengths)
    return np.arange(len(stroke_of_point)) * _STEP_MS + stroke_of_point * _PAUSE_MS


def _kind(value: object) -> str:
    return "missing" if value is None else f"of type {type(value).__name__}"


def _side(payload: dict[object, object], name: str, limits: SketchLimits, field: str) -> float:
    value = payload.get(name)
    if type(value) not in (int, float):
        raise SketchError(f"{field}.{name}", f"{_kind(value)}, expected a number")
    assert isinstance(value, int | float)
    if not limits.min_side <= value <= limits.max_side:  # false for NaN as well
        raise SketchError(f"{field}.{name}", f"must be between {limits.min_side:g} and {limits.max_side:g}")
    return float(value)


def _counted(strokes: object, limits: SketchLimits, field: str) -> list[list[Any]]:
    """Return the strokes if they are lists within the limits, without inspecting points."""
    if not isinstance(strokes, list | tuple):
        raise SketchError(field, f"{_kind(strokes)}, expected a list of strokes")
    if not strokes:
        raise SketchError(field, "empty, expected at least one stroke")
    if len(strokes) > limits.max_strokes:
        raise SketchError(field, f"{len(strokes)} strokes, at most {limits.max_strokes}")
    total = 0
    for i, stroke in enumerate(strokes):
        if not isinstance(stroke, list | tuple):
            raise SketchError(f"{field}[{i}]", f"{_kind(stroke)}, expected a list of points")
        if not stroke:
            raise SketchError(f"{field}[{i}]", "empty, expected at least one point")
        if len(stroke) > limits.max_points_per_stroke:
            raise SketchError(
                f"{field}[{i}]", f"{len(stroke)} points, at most {limits.max_points_per_stroke}"
            )
        total += len(stroke)
    if total > limits.max_points:
        raise SketchError(field, f"{total} points in total, at most {limits.max_points}")
    return strokes  # type: ignore[return-value]


def _converted(strokes: list[list[Any]], lengths: list[int], field: str) -> tuple[NDArray[np.float64], bool]:
    """Return points (N, 4) and whether they have times; missing pressure is neutral, missing times are unset."""
    points = list(chain.from_iterable(strokes))
    if set(map(type, points)) <= _LISTS and set(map(len, points)) == {4}:
        values = list(chain.from_iterable(points))
        if set(map(type, values)) <= _NUMBERS:
            with suppress(OverflowError):  # reported below
                return np.fromiter(values, np.float64, len(values)).reshape(-1, 4), True
    _check_types(strokes, field)
    converted = np.full((len(points), 4), NEUTRAL_PRESSURE)
    start = 0
    timed = len(strokes[0][0]) > T
    for i, stroke in enumerate(strokes):
        n_values = len(stroke[0])
        if (n_values > T) != timed:
            raise SketchError(f"{field}[{i}]", "times must be given for every stroke or for none")
        try:
            converted[start : start + lengths[i], :n_values] = stroke
        except OverflowError:  # an integer beyond the range of floats
            raise SketchError(f"{field}[{i}]", "a number is too large to be a coordinate") from None
        start += lengths[i]
    return converted, timed


def _check_types(strokes: list[list[Any]], field: str) -> None:
    """Raise SketchError unless points are lists of 2 to 4 numbers, the same number throughout a stroke."""
    for i, stroke in enumerate(strokes):
        if not set(map(type, stroke)) <= _LISTS:
            j = next(j for j, point in enumerate(stroke) if type(point) not in _LISTS)
            raise SketchError(
                f"{field}[{i}][{j}]", f"{_kind(stroke[j])}, expected a point [x, y, t_ms, pressure]"
            )
        sizes = set(map(len, stroke))
        if len(sizes) > 1 or not sizes <= {2, 3, 4}:
            j = next(
                j
                for j, point in enumerate(stroke)
                if len(point) != len(stroke[0]) or not 2 <= len(point) <= 4
            )
            raise SketchError(
                f"{field}[{i}][{j}]",
                f"{len(stroke[j])} values, expected 2 to 4, the same number throughout a stroke",
            )
        if not set(map(type, chain.from_iterable(stroke))) <= _NUMBERS:
            j, k = next(
                (j, k) for j, p in enumerate(stroke) for k, v in enumerate(p) if type(v) not in _NUMBERS
            )
            raise SketchError(f"{field}[{i}][{j}].{_COLUMNS[k]}", f"{_kind(stroke[j][k])}, expected a number")


def _check_values(
    points: NDArray[np.float64],
    lengths: list[int],
    width: float,
    height: float,
    limits: SketchLimits,
    field: str,
) -> None:
    """Check the range of every column of points (N, 4) and the order of times; NaN fails every comparison."""
    low = (-limits.reach * width, -limits.reach * height, -limits.max_time_ms, 0.0)
    high = ((1 + limits.reach) * width, (1 + limits.reach) * height, limits.max_time_ms, 1.0)
    least, most = np.minimum.reduce(points).tolist(), np.maximum.reduce(points).tolist()
    if not (all(map(ge, least, low)) and all(map(le, most, high))):
        row, column = (int(v[0]) for v in np.nonzero(~((points >= low) & (points <= high))))
        value = float(points[row, column])
        found = f"{value:g}" if isfinite(value) else "not a finite number"
        raise SketchError(
            f"{field}{_place(row, lengths)}.{_COLUMNS[column]}",
            f"{found}, must be between {low[column]:g} and {high[column]:g}",
        )
    backwards = points[1:, T] < points[:-1, T]
    if np.count_nonzero(backwards):
        row = int(np.argmax(backwards)) + 1
        raise SketchError(
            f"{field}{_place(row, lengths)}.t_ms",
            f"{points[row, T]:g} after {points[row - 1, T]:g}, time must not run backwards",
        )


def _check_ink(points: NDArray[np.float64], lengths: list[int], limits: SketchLimits, field: str) -> None:
    """Limit the length of the lines as framed by the rasteriser, which determines the cost of drawing them."""
    if 2 * len(points) <= limits.max_ink:  # a segment is at most a diagonal long
        return
    width, height = np.ptp(points[:, :2], axis=0).tolist()
    longer = max(width, height)
    if not longer:
        return
    # Framing stretches the shorter side halfway to a square (`raster.framing`).
    across, down = (1 / sqrt(longer * max(side, 1e-6 * longer)) for side in (width, height))
    lines = np.hypot(np.diff(points[:, X]) * across, np.diff(points[:, Y]) * down)
    lines[np.cumsum(lengths)[:-1] - 1] = 0.0  # pen lifts
    ink = float(lines.sum())
    if ink > limits.max_ink:
        raise SketchError(
            field, f"lines {ink:.0f} times as long as the drawing's side in total, at most {limits.max_ink:g}"
        )


def _place(row: int, lengths: list[int]) -> str:
    ends = np.cumsum(lengths)
    stroke = int(np.searchsorted(ends, row, side="right"))
    return f"[{stroke}][{row - int(ends[stroke]) + lengths[stroke]}]"

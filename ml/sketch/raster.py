"""The only rasteriser: strokes to an anti-aliased grey image, with the same bytes in training and serving.

AGG (through aggdraw) strokes all polylines as one path with exact area coverage, but with butt caps and mitred joins.
The path is therefore cut at sharp turns, and a disc is drawn on every cut and end. This gives round caps and joins with
a smaller error than skia's, at the same speed, from a wheel of 1 MB.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise
from math import ceil, cos, pi, sin, sqrt

import aggdraw
import numpy as np
from numpy.typing import NDArray

from ml.errors import ConfigError
from ml.sketch.strokes import PRESSURE, Sketch, X, Y

Box = tuple[float, float, float, float]

# Turns below about 73 degrees stay mitred, which looks the same and saves a disc.
_COS_SHARP = 0.3
_FILL_GROWTH_PX = 0.25  # aggdraw enlarges a filled outline by this much
_PRESSURE_LEVELS = 8
_HAND_POINTS = 2_000  # no known drawing has more; larger ones lose points too close to be visible
_SEEN_PX = 0.125
_INK = aggdraw.Brush("black")


@dataclass(frozen=True, slots=True)
class RasterSpec:
    """The frame of strokes, photos and edge maps; part of every model's manifest."""

    size: int = 160
    stroke_width_px: float = 3.0  # in output pixels, independent of the sketch's scale
    margin: float = 0.06  # fraction of `size` on each side, around the stroke centre lines
    squareness: float = 0.5  # 0 keeps the aspect, 1 stretches to a square, 0.5 is the geometric mean
    pressure_gain: float = 0.0  # width = stroke_width_px * (1 + gain * (2 * pressure - 1))

    def __post_init__(self) -> None:
        if not 8 <= self.size <= 4096:
            raise ConfigError("raster.size", f"{self.size}, must be between 8 and 4096")
        if not 0.0 < self.stroke_width_px <= self.size:
            raise ConfigError("raster.stroke_width_px", f"{self.stroke_width_px}, must be in (0, size]")
        if not 0.0 <= self.margin < 0.5:
            raise ConfigError("raster.margin", f"{self.margin}, must be in [0, 0.5)")
        if not 0.0 <= self.squareness <= 1.0:
            raise ConfigError("raster.squareness", f"{self.squareness}, must be in [0, 1]")
        if not 0.0 <= self.pressure_gain < 1.0:
            raise ConfigError("raster.pressure_gain", f"{self.pressure_gain}, must be in [0, 1)")


def framing(box: Box, spec: RasterSpec) -> tuple[float, float, float, float]:
    """Return (scale_x, scale_y, shift_x, shift_y) that centre `box` in the output: x_px = x * scale_x + shift_x.

    The longer side fills the output without its margins. With squareness s, the shorter side is stretched by
    (long / short) ** s; a side of almost no length is not stretched, a box of no extent not scaled.
    """
    x0, y0, x1, y1 = box
    width, height = x1 - x0, y1 - y0
    longer = max(width, height)
    room = spec.size * (1 - 2 * spec.margin)
    scale = room / longer if longer > 1e-6 else 1.0
    scale_x = scale * (longer / width) ** spec.squareness if width > 1e-6 * longer else scale
    scale_y = scale * (longer / height) ** spec.squareness if height > 1e-6 * longer else scale
    centre = spec.size / 2
    return scale_x, scale_y, centre - (x0 + x1) / 2 * scale_x, centre - (y0 + y1) / 2 * scale_y


def rasterise(
    sketch: Sketch, spec: RasterSpec = RasterSpec(), *, box: Box | None = None
) -> NDArray[np.uint8]:
    """Draw a sketch in black (0) on white (255), uint8 (size, size), with round caps and joins; a dot is a disc.

    box: replaces the ink box, in canvas units; a photo's object box aligns a drawing with the photo. Ink outside it is
    drawn up to the edge of the image.
    """
    points = sketch.points()
    scale_x, scale_y, shift_x, shift_y = framing(_bounds(points) if box is None else box, spec)
    x = points[:, X] * np.float64(scale_x) + shift_x  # (N,) output pixels, in double precision
    y = points[:, Y] * np.float64(scale_y) + shift_y
    if box is not None:  # AGG's fixed-point coordinates overflow far outside
        np.clip(x, -8.0 * spec.size, 9.0 * spec.size, out=x)
        np.clip(y, -8.0 * spec.size, 9.0 * spec.size, out=y)
    starts = np.zeros(len(x), dtype=bool)
    starts[[0, *accumulate(map(len, sketch.strokes[:-1]))]] = True
    pressure = points[:, PRESSURE]
    if len(x) > _HAND_POINTS:
        kept = _needed(x, y, starts)
        x, y, starts, pressure = x[kept], y[kept], starts[kept], pressure[kept]
    if not spec.pressure_gain:
        return _drawn(x, y, starts, spec.stroke_width_px, spec.size)
    image = np.full((spec.size, spec.size), 255, dtype=np.uint8)
    for rows, line_starts, width_px in _by_pressure(starts, pressure, spec):
        np.minimum(image, _drawn(x[rows], y[rows], line_starts, width_px, spec.size), out=image)
    return image


def _bounds(points: NDArray[np.float32]) -> Box:
    low, high = np.minimum.reduce(points).tolist(), np.maximum.reduce(points).tolist()
    return low[X], low[Y], high[X], high[Y]


def _needed(x: NDArray[np.float64], y: NDArray[np.float64], starts: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Mark the points to draw, bool (N,): the ends of every stroke, and one in each eighth of a pixel along it.

    All other points are within a sixteenth of a pixel of the drawn lines.
    """
    along = np.cumsum(np.hypot(np.diff(x), np.diff(y)))
    cell = np.concatenate([[0], (along / _SEEN_PX).astype(np.intp)])
    needed = starts.copy()
    needed[1:] |= cell[1:] != cell[:-1]
    needed[:-1] |= starts[1:]
    needed[-1] = True
    return needed


def _drawn(
    x: NDArray[np.float64], y: NDArray[np.float64], starts: NDArray[np.bool_], width_px: float, size: int
) -> NDArray[np.uint8]:
    """Draw polylines through the points, with a new one at each of `starts`, as uint8 (size, size)."""
    dx, dy = x[1:] - x[:-1], y[1:] - y[:-1]
    squared = dx * dx + dy * dy
    apart = (squared > 1e-6) | starts[1:]
    if np.count_nonzero(apart) < len(apart):  # coincident points have no direction
        kept = np.append(True, apart)
        return _drawn(x[kept], y[kept], starts[kept], width_px, size)
    cut = starts.copy()  # where a line ends, starts, or turns sharply
    cut[:-1] |= starts[1:]
    cut[-1] = True
    along = dx[1:] * dx[:-1] + dy[1:] * dy[:-1]
    cut[1:-1] |= along < _COS_SHARP * np.sqrt(squared[1:] * squared[:-1])

    path = aggdraw.Path()
    move, line = path.moveto, path.lineto
    xs, ys, line_starts = x.tolist(), y.tolist(), starts.tolist()
    cuts = cut.nonzero()[0].tolist()
    for first, last in pairwise(cuts):
        if not line_starts[last]:
            move(xs[first], ys[first])
            for place in range(first + 1, last + 1):
                line(xs[place], ys[place])
    # One disc per cell of a quarter pixel, because strokes often share their ends.
    centres: dict[int, tuple[float, float]] = {}
    for place in reversed(cuts):
        centres[int(xs[place] * 4) * 65536 + int(ys[place] * 4)] = xs[place], ys[place]
    in_order = [value for cell in sorted(centres) for value in centres[cell]]
    lines = aggdraw.Draw("L", (size, size), 255)
    lines.path(path, _pen(width_px))
    discs = aggdraw.Draw("L", (size, size), 255)
    discs.symbol(in_order, _disc(width_px), _INK)
    # Take the darker of the two: drawing one over the other would count shared edges twice.
    image = np.minimum(np.frombuffer(lines.tobytes(), np.uint8), np.frombuffer(discs.tobytes(), np.uint8))
    return image.reshape(size, size)


def _by_pressure(
    starts: NDArray[np.bool_], pressure: NDArray[np.float32], spec: RasterSpec
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.bool_], float]]:
    """Yield (rows of points, where lines start, line width) for each of eight levels of pressure."""
    level = np.minimum(
        ((pressure[1:] + pressure[:-1]) * (_PRESSURE_LEVELS / 2)).astype(np.intp), _PRESSURE_LEVELS - 1
    )
    single = starts & np.append(starts[1:], True)
    dot_level = np.minimum((pressure * _PRESSURE_LEVELS).astype(np.intp), _PRESSURE_LEVELS - 1)
    for value in range(_PRESSURE_LEVELS):
        segment = np.flatnonzero((level == value) & ~starts[1:])
        dots = np.flatnonzero(single & (dot_level == value))
        rows = np.concatenate([np.stack([segment, segment + 1], axis=1).ravel(), dots])
        line_starts = np.zeros(len(rows), dtype=bool)
        line_starts[: 2 * len(segment) : 2] = np.append(True, np.diff(segment) != 1)[: len(segment)]
        line_starts[2 * len(segment) :] = True
        if len(rows):
            centre = (value + 0.5) / _PRESSURE_LEVELS
            yield rows, line_starts, spec.stroke_width_px * (1 + spec.pressure_gain * (2 * centre - 1))


@lru_cache(maxsize=64)
def _pen(width_px: float) -> aggdraw.Pen:
    return aggdraw.Pen("black", width_px)


@lru_cache(maxsize=64)
def _disc(width_px: float) -> aggdraw.Symbol:
    """Return a polygon that has the area of a disc with that diameter when drawn."""
    n_corners = max(8, ceil(4 * sqrt(width_px)))
    turn = 2 * pi / n_corners
    radius = width_px / 2 * sqrt(turn / sin(turn))
    radius -= min(_FILL_GROWTH_PX / cos(turn / 2), 0.9 * radius)
    angle = np.arange(n_corners) * turn
    corners = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    return aggdraw.Symbol("M" + "L".join(f"{x:.6f} {y:.6f}" for x, y in corners) + "Z")

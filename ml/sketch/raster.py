"""The only rasteriser: strokes to an anti-aliased grey image, the same bytes for training and for serving.

AGG (through aggdraw) fills each polyline with exact area coverage in 0.1 ms, but its caps are butt and its joins
mitred. Strokes are therefore cut at turns sharper than about 73 degrees and a disc is laid on every cut and end, which
gives round caps and round joins at less error than skia's and the same speed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import pi, sin, sqrt

import aggdraw  # type: ignore[import-not-found]
import numpy as np
from numpy.typing import NDArray

from ml.errors import ConfigError
from ml.sketch.strokes import PRESSURE, Sketch

Box = tuple[float, float, float, float]

_COS_SHARP = (
    0.3  # joins gentler than this stay mitred: they overshoot a round join by under a quarter of a pixel
)
_DISC_CORNERS = 12
_PRESSURE_LEVELS = 8


@dataclass(frozen=True, slots=True)
class RasterSpec:
    """How strokes, photos and edge maps are framed; part of every model's manifest."""

    size: int = 160
    stroke_width_px: float = 3.0  # in output pixels, whatever the sketch's own scale
    margin: float = 0.06  # of `size`, on each side, around the stroke centre lines
    squareness: float = (
        0.5  # 0 keeps the aspect, 1 stretches the box to a square, 0.5 is half-way (geometric)
    )
    pressure_gain: float = 0.0  # width = stroke_width_px * (1 + gain * (2 * pressure - 1))

    def __post_init__(self) -> None:
        if not 8 <= self.size <= 4096:
            raise ConfigError("raster.size", f"{self.size}, must lie between 8 and 4096")
        if not 0.0 < self.stroke_width_px <= self.size:
            raise ConfigError(
                "raster.stroke_width_px", f"{self.stroke_width_px}, must be positive, at most the size"
            )
        if not 0.0 <= self.margin < 0.5:
            raise ConfigError("raster.margin", f"{self.margin}, must lie in [0, 0.5)")
        if not 0.0 <= self.squareness <= 1.0:
            raise ConfigError("raster.squareness", f"{self.squareness}, must lie in [0, 1]")
        if not 0.0 <= self.pressure_gain < 1.0:
            raise ConfigError("raster.pressure_gain", f"{self.pressure_gain}, must lie in [0, 1)")


def framing(box: Box, spec: RasterSpec) -> tuple[float, float, float, float]:
    """(scale_x, scale_y, shift_x, shift_y) that centres `box` in the output: x_px = x * scale_x + shift_x.

    The longer side fills the output less its margins. With squareness s the shorter side is stretched by
    (long / short) ** s. A box without width and height is centred unscaled.
    """
    x0, y0, x1, y1 = box
    width, height = x1 - x0, y1 - y0
    longer = max(width, height)
    room = spec.size * (1 - 2 * spec.margin)
    scale = room / longer if longer > 0 else 1.0
    scale_x = scale * (longer / width) ** spec.squareness if width > 0 else scale
    scale_y = scale * (longer / height) ** spec.squareness if height > 0 else scale
    centre = spec.size / 2
    return (scale_x, scale_y, centre - (x0 + x1) / 2 * scale_x, centre - (y0 + y1) / 2 * scale_y)


def rasterise(
    sketch: Sketch, spec: RasterSpec = RasterSpec(), *, box: Box | None = None
) -> NDArray[np.uint8]:
    """Black ink (0) on white (255), uint8 (size, size), round caps and joins; a dot is a disc.

    `box`, in canvas units, replaces the ink box: give a photo's object box to lay a drawing over that photo. Ink far
    outside it is drawn up to the edge of the image.
    """
    points = sketch.points()
    if box is None:
        (x0, y0), (x1, y1) = (points[:, :2].min(axis=0).tolist(), points[:, :2].max(axis=0).tolist())
        box = (x0, y0, x1, y1)
    scale_x, scale_y, shift_x, shift_y = framing(box, spec)
    xy = points[:, :2] * np.array([scale_x, scale_y]) + np.array(
        [shift_x, shift_y]
    )  # (N, 2) float64, output pixels
    np.clip(
        xy, -8.0 * spec.size, 9.0 * spec.size, out=xy
    )  # AGG's fixed-point coordinates overflow far outside
    starts_stroke = np.zeros(len(xy), dtype=bool)
    starts_stroke[np.cumsum(sketch.lengths[:-1])] = True
    starts_stroke[0] = True
    canvas = aggdraw.Draw("L", (spec.size, spec.size), 255)
    if spec.pressure_gain:
        _draw_by_pressure(canvas, xy, starts_stroke, points[:, PRESSURE], spec)
    else:
        _draw(canvas, xy, starts_stroke, spec.stroke_width_px)
    canvas.flush()
    return np.frombuffer(canvas.tobytes(), dtype=np.uint8).reshape(spec.size, spec.size)


def _draw(canvas: aggdraw.Draw, xy: NDArray[np.float64], starts: NDArray[np.bool_], width_px: float) -> None:
    step = np.diff(xy, axis=0)  # (N - 1, 2)
    squared = np.einsum("ij,ij->i", step, step)
    kept = starts.copy()
    kept[1:] |= squared > 1e-6
    if not kept.all():  # coincident points have no direction
        xy, starts = xy[kept], starts[kept]
        step = np.diff(xy, axis=0)
        squared = np.einsum("ij,ij->i", step, step)
    ends = np.append(starts[1:], True)
    cut = starts | ends
    along = np.einsum("ij,ij->i", step[1:], step[:-1])
    cut[1:-1] |= along < _COS_SHARP * np.sqrt(squared[1:] * squared[:-1])
    flat: list[float] = xy.ravel().tolist()
    cuts = np.flatnonzero(cut)
    pen = aggdraw.Pen("black", width_px)
    ends_here = ends[cuts].tolist()
    places = cuts.tolist()
    for a, b, is_end in zip(places, places[1:], ends_here, strict=False):
        if not is_end:
            canvas.line(flat[2 * a : 2 * b + 2], pen)
    canvas.symbol(xy[cuts].ravel().tolist(), _disc(width_px), aggdraw.Brush("black"))


def _draw_by_pressure(
    canvas: aggdraw.Draw,
    xy: NDArray[np.float64],
    starts: NDArray[np.bool_],
    pressure: NDArray[np.float32],
    spec: RasterSpec,
) -> None:
    """Segments grouped by their mean pressure in eight levels, each level drawn with its own width."""
    mean = (pressure[1:] + pressure[:-1]) / 2
    level = np.minimum((mean * _PRESSURE_LEVELS).astype(np.intp), _PRESSURE_LEVELS - 1)  # (N - 1,)
    alone = starts & np.append(starts[1:], True)
    for value in range(_PRESSURE_LEVELS):
        centre = (value + 0.5) / _PRESSURE_LEVELS
        width_px = spec.stroke_width_px * (1 + spec.pressure_gain * (2 * centre - 1))
        segment = np.flatnonzero((level == value) & ~starts[1:])
        dots = np.flatnonzero(
            alone & (np.minimum(pressure * _PRESSURE_LEVELS, _PRESSURE_LEVELS - 1).astype(int) == value)
        )
        if not len(segment) + len(dots):
            continue
        rows = np.concatenate([np.stack([segment, segment + 1], axis=1).ravel(), dots])
        begins = np.zeros(len(rows), dtype=bool)
        begins[: 2 * len(segment) : 2] = np.append(True, np.diff(segment) != 1)
        begins[2 * len(segment) :] = True
        _draw(canvas, xy[rows], begins, width_px)


@lru_cache(maxsize=64)
def _disc(width_px: float) -> aggdraw.Symbol:
    """A polygon with the area of the disc of that diameter."""
    turn = 2 * pi / _DISC_CORNERS
    radius = width_px / 2 * sqrt(turn / sin(turn))
    angle = np.arange(_DISC_CORNERS) * turn
    corners = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    return aggdraw.Symbol("M" + "L".join(f"{x:.6f} {y:.6f}" for x, y in corners) + "Z")

"""What a person would have drawn, from the lines that programs write for it.

Excalidraw and others write a pen's stroke as the outline of its ink, and a shape's outline twice, for looks.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.sketch.formats.svg.drawing import Shape
from ml.sketch.formats.svg.path import Line
from ml.sketch.thinning import thin, walk

_GRID_PX = 512  # longer side on which outlines of strokes are thinned
_PEN = 0.035  # width of the widest pen, of the longer side of the drawing
_LEAST_PX = 4  # of a thinned line
_SAME = 0.015  # greatest distance between the two lines of a double one, of the longer side
_RECENT = 6  # lines among which a double is sought
_SAMPLES = 24
_TOLERANCE = 1 / 1500  # of the longer side


def tidied(shapes: list[Shape]) -> list[Line]:
    """Return one line per stroke: the middle of thin areas, one of double lines, and no more points than needed."""
    if not shapes:
        return []
    z = np.concatenate([line for shape in shapes for line in shape.lines])
    side = max(np.ptp(z.real), np.ptp(z.imag))
    if not (np.isfinite(side) and side > 0):
        return [line for shape in shapes for line in shape.lines]
    lines: list[Line] = []
    for shape in shapes:
        for line in (_middles(shape.lines, side) if shape.is_area else None) or shape.lines:
            if not any(_is_double(line, other, _SAME * side) for other in lines[-_RECENT:]):
                lines.append(line)
    return [_simplified(line, side * _TOLERANCE) for line in lines]


def _middles(outlines: list[Line], side: float) -> list[Line]:
    """Return the middle lines of an area if a pen could have drawn it, else none."""
    scale = _GRID_PX / side
    z = np.concatenate(outlines) * scale
    low = complex(z.real.min() - 2, z.imag.min() - 2)
    size = (int(np.ptp(z.imag)) + 5, int(np.ptp(z.real)) + 5)
    mask = np.zeros(size, dtype=np.uint8)
    corners = [_pairs(line * scale - low) for line in outlines]
    cv2.fillPoly(mask, [(16 * line).round().astype(np.int32) for line in corners], 1, shift=4)
    widest = _PEN * _GRID_PX
    if 2 * cv2.distanceTransform(mask, cv2.DIST_L2, cv2.DIST_MASK_5).max() > widest:
        return []
    chains = [np.array(chain, dtype=float) for chain in walk(thin(mask > 0), reach=3)]
    long = [chain for chain in chains if len(chain) >= max(_LEAST_PX, widest / 4)] or chains[:1]
    return [(low + chain[:, 1] + 1j * chain[:, 0]) / scale for chain in long]


def _is_double(line: Line, other: Line, within: float) -> bool:
    """Return whether two lines are of about the same length, each within a small distance of the other."""
    lengths = sorted(float(np.abs(np.diff(one)).sum()) for one in (line, other))
    if lengths[1] <= 4 * within or lengths[0] < 0.85 * lengths[1]:
        return False
    distance = np.abs(_resampled(line)[:, None] - _resampled(other)[None])
    spacing = lengths[1] / _SAMPLES  # points along the other line may lie half of this away
    reach = float(np.hypot(within, spacing / 2))
    return bool(distance.min(axis=0).max() <= reach and distance.min(axis=1).max() <= reach)


def _resampled(line: Line) -> Line:
    along = np.concatenate([[0], np.cumsum(np.abs(np.diff(line)))])
    return np.asarray(np.interp(np.linspace(0, along[-1], _SAMPLES + 1), along, line))


def _simplified(line: Line, tolerance: float) -> Line:
    points = cv2.approxPolyDP(_pairs(line - line[0]).astype(np.float32)[:, None], tolerance, False)[:, 0]
    return np.asarray(line[0] + points[:, 0].astype(float) + 1j * points[:, 1])


def _pairs(line: Line) -> NDArray[np.float64]:
    return np.stack([line.real, line.imag], axis=1)

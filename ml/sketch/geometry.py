"""Shared measurements along strokes, vectorised over all points of a sketch."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ml.sketch.strokes import Sketch, split


def starts_mask(lengths: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Mark the first point of every stroke, bool (N,)."""
    mask = np.zeros(int(lengths.sum()), dtype=bool)
    mask[0] = True
    mask[np.cumsum(lengths[:-1])] = True
    return mask


def segment_lengths(sketch: Sketch) -> NDArray[np.float64]:
    """Return the distance of each point from the previous one in its stroke, 0 at a stroke's start, float64 (N,)."""
    xy = sketch.points()[:, :2].astype(np.float64)
    step = np.zeros(len(xy))
    step[1:] = np.hypot(*np.diff(xy, axis=0).T)
    step[starts_mask(sketch.lengths)] = 0.0
    return step


def stroke_lengths(sketch: Sketch) -> NDArray[np.float64]:
    """Return the arc length of each stroke in canvas units, float64 (S,)."""
    first = np.concatenate([[0], np.cumsum(sketch.lengths[:-1])])
    return np.add.reduceat(segment_lengths(sketch), first)


def ink_diagonal(sketch: Sketch) -> float:
    """Return the diagonal of the ink box in canvas units; 1 for a single dot, to avoid division by zero."""
    x0, y0, x1, y1 = sketch.ink_box()
    return float(np.hypot(x1 - x0, y1 - y0)) or 1.0


def densify(sketch: Sketch, step: float) -> Sketch:
    """Return the same lines with points added so that no segment is longer than `step`; all columns are interpolated."""
    points = sketch.points()
    lengths = sketch.lengths
    pieces = np.maximum(np.ceil(segment_lengths(sketch) / step).astype(np.intp), 1)  # (N,), 1 at starts
    if int(pieces.max()) == 1:
        return sketch
    ends = np.cumsum(pieces)
    owner = np.repeat(np.arange(len(points)), pieces)  # the segment's end point for each new point
    part = (np.arange(ends[-1]) - (ends - pieces)[owner] + 1) / pieces[owner]
    before = points[np.maximum(owner - 1, 0)]
    dense = before + (points[owner] - before) * part[:, None].astype(np.float32)
    whole = part == 1.0
    dense[whole] = points[owner[whole]]
    first = np.concatenate([[0], np.cumsum(lengths[:-1])])
    return Sketch(sketch.width, sketch.height, split(dense, np.add.reduceat(pieces, first)))

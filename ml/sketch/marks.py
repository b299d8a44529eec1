"""Tell a mark on the page from a drawing."""

from __future__ import annotations

import numpy as np

from ml.sketch.geometry import segment_lengths
from ml.sketch.strokes import Sketch

_LEAST_INK = 0.1  # total length, of the page's longer side
_STRAIGHT = 0.1  # greatest width of a straight line, of its length
_DETOUR = 1.4  # greatest length of its path: thin outlines and zigzags go further


def is_mark(sketch: Sketch) -> bool:
    """Return whether a sketch is only a mark: dots, a short stroke, or one straight line of any length.

    It shows nothing. Networks see the ink enlarged to their frame, where a dot is a disc and every line is long.
    """
    length = float(segment_lengths(sketch).sum())
    if length < _LEAST_INK * max(sketch.width, sketch.height):
        return True
    if len(sketch.strokes) > 1:
        return False
    xy = sketch.strokes[0][:, :2].astype(np.float64)
    _, _, axes = np.linalg.svd(xy - xy.mean(axis=0), full_matrices=False)
    along, across = np.ptp((xy - xy.mean(axis=0)) @ axes.T, axis=0).tolist()
    return bool(across <= _STRAIGHT * along and length <= _DETOUR * along)

"""Drawings as the point sequences that a stroke branch reads; without torch, for training and serving alike.

A drawing is first made compact as Google's simplified QuickDraw files hold it: its ink box moved to the origin and its
longer side scaled to 255, each stroke simplified by Ramer, Douglas and Peucker with a tolerance of 2, whole numbers. That
is what sketch-rnn takes, too (Ha and Eck 2017).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.sketch.formats.stroke3 import to_stroke3
from ml.sketch.strokes import Sketch, sketch_from_xy

SIDE = 255  # of the box that a drawing is scaled to
TOLERANCE = 2.0
STEP_DIM = 4  # dx, dy, and whether the pen goes on or is lifted after this point


def compact(sketch: Sketch) -> NDArray[np.uint8]:
    """A sketch scaled and simplified, (n, 3): x, y in 0..255, and 1 on the last point of each stroke."""
    x0, y0, x1, y1 = sketch.ink_box()
    scale = SIDE / max(x1 - x0, y1 - y0, 1e-6)
    rows = []
    for stroke in sketch.strokes:
        xy = (stroke[:, :2] - np.array([x0, y0], np.float32)) * np.float32(scale)
        line = cv2.approxPolyDP(np.ascontiguousarray(xy[:, None]), TOLERANCE, False)[:, 0]
        points = np.zeros((len(line), 3), np.uint8)
        points[:, :2] = np.clip(np.round(line), 0, SIDE)
        points[-1, 2] = 1
        rows.append(points)
    return np.concatenate(rows)


def from_compact(points: NDArray[np.uint8]) -> Sketch:
    """The strokes of a compact drawing on a canvas of 256."""
    ends = np.flatnonzero(points[:, 2])[:-1] + 1
    return sketch_from_xy(np.split(points[:, :2], ends), SIDE + 1, SIDE + 1)


def sequence(sketch: Sketch, max_points: int) -> NDArray[np.float32]:
    """(dx, dy, pen goes on, pen is lifted) of the first points of a compact drawing, (n, 4); the first offset is zero."""
    three = to_stroke3(sketch)[:max_points]
    three[0, :2] = 0
    return np.concatenate([three[:, :2], 1 - three[:, 2:], three[:, 2:]], axis=1)

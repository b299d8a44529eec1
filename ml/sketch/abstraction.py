"""What people leave out: of lines that crowd each other a hand draws one, and the long ones first."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ml.sketch.geometry import densify, ink_diagonal, stroke_lengths
from ml.sketch.strokes import Sketch

_CELLS = 96  # of the occupancy grid, a side of the ink diagonal


def abstracted(sketch: Sketch, spacing: float, *, shortest: float = 0.0, covered: float = 0.5) -> Sketch:
    """`sketch` without the strokes that lie along ink of longer strokes; the drawing order stays.

    spacing: how near ink counts as the same line, a fraction of the ink diagonal. shortest: strokes shorter than this
    fraction of the diagonal go as well. covered: the share of a stroke near other ink above which it goes. The longest
    stroke always stays.
    """
    diagonal = ink_diagonal(sketch)
    lengths = stroke_lengths(sketch) / diagonal
    dense = densify(sketch, diagonal / _CELLS)
    x0, y0, _, _ = sketch.ink_box()
    reach = max(0, round(spacing * _CELLS))
    taken = np.zeros((_CELLS + 2 * reach + 2,) * 2, dtype=bool)
    kept = np.zeros(len(lengths), dtype=bool)
    for number in np.argsort(-lengths, kind="stable"):
        cells = _cells(dense.strokes[number][:, :2] - (x0, y0), diagonal) + reach  # (n, 2)
        x, y = cells[:, 0], cells[:, 1]
        if kept.any() and (lengths[number] < shortest or taken[y, x].mean() > covered):
            continue
        kept[number] = True
        for dy in range(-reach, reach + 1):
            across = int(np.sqrt(reach**2 - dy**2))
            for dx in range(-across, across + 1):
                taken[y + dy, x + dx] = True
    chosen = tuple(stroke for stroke, keep in zip(sketch.strokes, kept, strict=True) if keep)
    return Sketch(sketch.width, sketch.height, chosen)


def _cells(xy: NDArray[np.floating], diagonal: float) -> NDArray[np.intp]:
    return np.asarray(np.clip(xy / diagonal * _CELLS, 0, _CELLS), dtype=np.intp)

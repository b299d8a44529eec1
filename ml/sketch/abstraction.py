"""Abstraction of drawings: of crowded lines people draw only one, and long lines first."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ml.sketch.geometry import densify, ink_diagonal, stroke_lengths
from ml.sketch.strokes import Sketch

_CELLS = 96  # cells of the occupancy grid along the ink diagonal


def abstracted(sketch: Sketch, spacing: float, *, shortest: float = 0.0, covered: float = 0.5) -> Sketch:
    """Return `sketch` without the strokes that run along longer strokes; the drawing order is kept.

    spacing: distance within which ink counts as the same line, as a fraction of the ink diagonal. shortest: strokes
    shorter than this fraction of the diagonal are removed as well. covered: strokes with a larger share near other ink
    are removed. The longest stroke is always kept.
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

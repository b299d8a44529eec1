"""Abstraction keeps the longest of crowded lines, all separate lines, and the order of strokes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from ml.sketch.abstraction import abstracted
from ml.sketch.strokes import sketch_from_xy


def line(x0: Any, y0: Any, x1: Any, y1: Any) -> NDArray[np.float64]:
    return np.linspace([x0, y0], [x1, y1], 20)


def test_of_two_adjacent_lines_the_longer_is_kept() -> None:
    drawing = sketch_from_xy([line(0, 2, 90, 2), line(0, 0, 100, 0), line(0, 100, 100, 100)], 100, 100)
    kept = abstracted(drawing, 0.05)
    assert [stroke[-1, :2].tolist() for stroke in kept.strokes] == [[100, 0], [100, 100]]


def test_separate_lines_are_all_kept() -> None:
    drawing = sketch_from_xy([line(0, y, 100, y) for y in (0, 40, 80)], 100, 100)
    assert abstracted(drawing, 0.05).lengths.tolist() == drawing.lengths.tolist()


def test_short_strokes_are_removed_and_one_is_always_kept() -> None:
    dots = sketch_from_xy([line(0, 0, 3, 0), line(60, 60, 65, 60), line(90, 90, 100, 100)], 100, 100)
    assert len(abstracted(dots, 0.0, shortest=0.5).strokes) == 1


@pytest.mark.parametrize("spacing", [0.0, 0.02, 0.1, 0.3])
def test_strokes_are_a_subset_in_drawing_order(spacing: float) -> None:
    rng = np.random.default_rng(5)
    drawing = sketch_from_xy([rng.uniform(0, 200, (12, 2)) for _ in range(30)], 200, 200)
    kept = abstracted(drawing, spacing)
    numbers = [next(i for i, s in enumerate(drawing.strokes) if np.array_equal(s, k)) for k in kept.strokes]
    assert numbers == sorted(set(numbers))


def test_a_wider_spacing_never_keeps_more() -> None:
    rng = np.random.default_rng(6)
    drawing = sketch_from_xy([rng.uniform(0, 200, (2, 2)) for _ in range(60)], 200, 200)
    counts = [len(abstracted(drawing, spacing).strokes) for spacing in (0.0, 0.02, 0.06, 0.15)]
    assert counts == sorted(counts, reverse=True)
    assert counts[-1] < counts[0]


def test_a_single_dot_is_kept() -> None:
    dot = sketch_from_xy([[[5, 5]]], 10, 10)
    assert len(abstracted(dot, 0.1, shortest=0.2).strokes) == 1

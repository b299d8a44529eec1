"""Marks on the page, which show nothing, and the least of drawings, which do."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from ml.sketch.doodles import doodles
from ml.sketch.marks import is_mark
from ml.sketch.strokes import Sketch, sketch_from_xy

SIDE = 600.0
Points = NDArray[np.float64]


def drawn(*strokes: Points) -> Sketch:
    return sketch_from_xy([np.asarray(stroke, np.float64) for stroke in strokes], SIDE, SIDE)


def line(length: float, angle: float, *, bend: float = 0.0, n: int = 20) -> Points:
    """A line from the middle; `bend` is how far its middle is beside the chord, of its length."""
    along = np.linspace(-0.5, 0.5, n)
    xy = np.stack([along, bend * (1 - 4 * along**2)], axis=1) * length
    turn = np.radians(angle)
    return np.asarray(300 + xy @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]))


def ring(radius: float) -> Points:
    angle = np.linspace(0, 2 * np.pi, 40)
    return 300 + radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)


@pytest.mark.parametrize("angle", [0, 30, 90, 135])
@pytest.mark.parametrize("length", [5, 40, 120, 500])
@pytest.mark.parametrize("bend", [0.0, 0.05])
def test_one_line_is_a_mark(length: float, angle: float, bend: float) -> None:
    assert is_mark(drawn(line(length, angle, bend=bend)))


def test_a_trembling_hand_draws_a_line_too() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        straight = line(float(rng.uniform(60, 500)), float(rng.uniform(0, 180)))
        assert is_mark(drawn(straight + rng.normal(0, 1, straight.shape)))


def test_dots_and_specks_are_marks_however_many() -> None:
    dot, speck = np.array([[300.0, 300.0]]), ring(6)
    assert is_mark(drawn(dot))
    assert is_mark(drawn(dot, dot + 100, dot - 70))
    assert is_mark(drawn(speck))
    assert is_mark(drawn(np.array([[300, 300], [306, 303], [301, 309], [309, 306]])))


def test_size_is_that_of_the_page() -> None:
    assert not is_mark(drawn(ring(60)))
    assert is_mark(sketch_from_xy([ring(60)], 10_000, 10_000))


BESIDE = line(300, 180) + np.array([0, 12])


@pytest.mark.parametrize(
    "strokes",
    [
        [ring(30)],
        [line(200, 0, bend=0.3)],
        [line(200, 0), line(200, 90)],
        [line(200, 0), line(200, 0) + 60],
        [np.array([[100, 100], [100, 300], [180, 300]])],
        [np.concatenate([line(300, 0), BESIDE])],  # an outline as thin as a pencil
    ],
    ids=["ring", "arc", "cross", "two lines", "corner", "thin outline"],
)
def test_little_is_enough_for_a_drawing(strokes: list[Points]) -> None:
    assert not is_mark(drawn(*strokes))


def test_of_human_drawings_hardly_any_but_lines_are_marks() -> None:
    marks = {name: sum(map(is_mark, sketches)) for name, sketches in doodles().items()}
    assert marks.pop("line") >= len(doodles()["line"]) / 2
    assert sum(marks.values()) <= 0.005 * sum(map(len, doodles().values()))

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ml.benchmarks.doodles import doodle
from ml.errors import SketchError
from ml.sketch.formats.stroke3 import from_stroke3, from_stroke5, to_stroke3, to_stroke5
from ml.sketch.strokes import Sketch, SketchLimits, sketch_from_xy

TWO = sketch_from_xy([[(1, 2), (4, 6)], [(3, 3)]], 10, 10)


def assert_same_lines(a: Sketch, b: Sketch) -> None:
    assert a.lengths.tolist() == b.lengths.tolist()
    np.testing.assert_allclose(a.points()[:, :2], b.points()[:, :2], atol=1e-3)


def test_stroke3_rows_are_offsets_and_pen_lifts() -> None:
    assert to_stroke3(TWO).tolist() == [[1, 2, 0], [3, 4, 1], [-1, -3, 1]]


def test_stroke5_rows_are_one_hot_and_padded_with_the_end_state() -> None:
    assert to_stroke5(TWO, 5).tolist() == [
        [1, 2, 1, 0, 0],
        [3, 4, 0, 1, 0],
        [-1, -3, 0, 1, 0],
        [0, 0, 0, 0, 1],
        [0, 0, 0, 0, 1],
    ]
    assert len(to_stroke5(TWO)) == 4
    assert len(to_stroke5(TWO, 2)) == 2


@given(st.integers(0, 10_000), st.integers(1, 20))
def test_round_trips(seed: int, n_strokes: int) -> None:
    sketch = doodle(seed, n_strokes=n_strokes)
    assert_same_lines(from_stroke3(to_stroke3(sketch), 256, 256), sketch)
    assert_same_lines(from_stroke5(to_stroke5(sketch, 400), 256, 256), sketch)


def test_without_a_canvas_the_canvas_is_the_ink_box() -> None:
    sketch = from_stroke3([[-50, 7, 0], [30, 40, 0]])
    assert sketch.ink_box() == (0, 0, 30, 40)
    assert (sketch.width, sketch.height) == (30, 40)


@pytest.mark.parametrize(
    "rows",
    [
        [],
        None,
        "abc",
        [[1, 2]],
        [[1, 2, 3]],
        [[1, 2, 0], [1, 2]],
        [[np.nan, 0, 0]],
        [[1e308, 0, 0]],
        [[10**400, 0, 0]],
        [[9e4, 0, 0], [9e4, 0, 0]],
        np.zeros((2, 3, 3)),
        np.zeros((100_001, 3)),
    ],
)
def test_bad_stroke3_is_refused(rows: object) -> None:
    with pytest.raises(SketchError):
        from_stroke3(rows)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "rows", [[], [[0, 0, 0, 0, 1]], [[1, 2, 1, 1, 0]], [[1, 2, 0, 0, 0]], [[1, 2, 3]], [[1, 2, np.nan, 0, 1]]]
)
def test_bad_stroke5_is_refused(rows: object) -> None:
    with pytest.raises(SketchError):
        from_stroke5(rows)  # type: ignore[arg-type]


@given(hnp.arrays(np.float64, st.tuples(st.integers(0, 6), st.integers(0, 6))))
def test_any_table_raises_nothing_but_sketch_errors(rows: np.ndarray) -> None:
    for read in (from_stroke3, from_stroke5):
        try:
            assert np.isfinite(read(rows).points()).all()
        except SketchError:
            continue


def test_too_many_strokes_are_refused() -> None:
    with pytest.raises(SketchError, match="5 strokes, at most 4"):
        from_stroke3([[1, 1, 1]] * 5, limits=SketchLimits(max_strokes=4))

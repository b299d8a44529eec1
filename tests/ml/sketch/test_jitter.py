from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.benchmarks.doodles import doodle
from ml.sketch.geometry import ink_diagonal
from ml.sketch.jitter import JitterSpec, jitter
from ml.sketch.strokes import T, parse_sketch, sketch_from_xy

NOTHING = {field.name: 0.0 for field in fields(JitterSpec) if field.name not in ("wobble_period", "step")}
SQUARE = sketch_from_xy([[(0, 0), (100, 0)], [(100, 0), (100, 100)], [(100, 100), (0, 100)]], 128, 128)


@given(st.integers(0, 300), st.integers(1, 30))
def test_result_is_a_valid_sketch_with_the_same_number_of_strokes(seed: int, n_strokes: int) -> None:
    sketch = doodle(seed, n_strokes=n_strokes)
    drawn = jitter(sketch, np.random.default_rng(seed))
    assert len(drawn.strokes) == n_strokes
    assert (np.diff(drawn.points()[:, T]) >= 0).all()
    parse_sketch(drawn.to_payload())


def test_zero_disturbance_keeps_the_lines() -> None:
    drawn = jitter(SQUARE, np.random.default_rng(0), JitterSpec(**NOTHING))
    for stroke, line in zip(drawn.strokes, SQUARE.strokes, strict=True):
        np.testing.assert_allclose(stroke[[0, -1], :2], line[:, :2], atol=1e-4)
        assert len(stroke) > 20


@pytest.mark.parametrize("name", NOTHING)
def test_each_disturbance_moves_ink_about_as_far_as_set(name: str) -> None:
    spec = JitterSpec(**NOTHING | {name: getattr(JitterSpec(), name)})
    still = JitterSpec(**NOTHING)
    rng = np.random.default_rng(0)
    rest = jitter(SQUARE, rng, still).points()[:, :2]
    means = []
    for _ in range(30):
        moved = jitter(SQUARE, rng, spec).points()[:, :2]
        if name == "overshoot":  # changes the number of points
            means.append(np.abs(np.ptp(moved, axis=0) - np.ptp(rest, axis=0)).mean())
        else:
            means.append(np.hypot(*(moved - rest).T).mean())
    size = getattr(JitterSpec(), name) * (np.pi / 180 if name.endswith("deg") else 1)
    assert 0.05 * size < np.mean(means) / ink_diagonal(SQUARE) < 3 * size


def test_wobble_bends_a_straight_line() -> None:
    spec = JitterSpec(**NOTHING | {"wobble": 0.01})
    line = sketch_from_xy([[(0, 0), (200, 0)]], 256, 256)
    drawn = jitter(line, np.random.default_rng(3), spec).points()
    assert 0.5 < np.ptp(drawn[:, 1]) < 20


def test_a_dot_remains_a_dot() -> None:
    drawn = jitter(sketch_from_xy([[(5, 5)]], 9, 9), np.random.default_rng(0))
    assert drawn.lengths.tolist() == [1]
    assert np.isfinite(drawn.points()).all()


def test_result_depends_only_on_the_seed() -> None:
    one, same, other = (jitter(SQUARE, np.random.default_rng(seed)).points() for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert not np.allclose(one[:5], other[:5])

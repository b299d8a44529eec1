from collections import Counter
from itertools import permutations
from math import exp

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from ml.benchmarks.doodles import doodle
from ml.sketch.augment import (
    mls_deform,
    mls_deformations,
    mls_rigid,
    partial,
    partial_ink,
    removal_probability,
    stroke_removal,
    variants,
)
from ml.sketch.geometry import densify, ink_diagonal, stroke_lengths
from ml.sketch.strokes import Sketch, T, parse_sketch, sketch_from_xy

# Lengths 30, 10 and 20: mean 20, so l = 1.5, 0.5, 1.
THREE = sketch_from_xy([[(0, 0), (30, 0)], [(0, 5), (6, 13)], [(0, 20), (10, 20), (10, 30)]], 64, 64)


def naive_eq4(orders: list[int], lengths: list[float], alpha: float, beta: float) -> list[float]:
    weights = [exp(alpha * o - beta * length) for o, length in zip(orders, lengths, strict=True)]
    return [weight / sum(weights) for weight in weights]


def test_eq4_by_hand() -> None:
    expected = naive_eq4([1, 2, 3], [1.5, 0.5, 1.0], 0.3, 0.5)
    np.testing.assert_allclose(removal_probability(THREE), expected)


@given(st.integers(0, 1000), st.integers(1, 30), st.floats(0, 2), st.floats(0, 2))
def test_eq4_equals_the_naive_implementation(seed: int, n_strokes: int, alpha: float, beta: float) -> None:
    sketch = doodle(seed, n_strokes=n_strokes)
    lengths = [
        sum(float(np.hypot(*(b - a))) for a, b in zip(s[:-1, :2], s[1:, :2], strict=True))
        for s in sketch.strokes
    ]
    mean = sum(lengths) / len(lengths)
    expected = naive_eq4(list(range(1, n_strokes + 1)), [v / mean for v in lengths], alpha, beta)
    np.testing.assert_allclose(removal_probability(sketch, alpha, beta), expected, rtol=1e-4)


def test_late_and_short_strokes_are_removed_more_often() -> None:
    equal = sketch_from_xy([[(0, y), (10, y)] for y in range(5)], 64, 64)
    assert (np.diff(removal_probability(equal)) > 0).all()
    growing = sketch_from_xy([[(0, y), (10 + 40 * y, y)] for y in range(5)], 64, 64)
    assert (np.diff(removal_probability(growing, alpha=0.0)) < 0).all()


def test_pairs_are_removed_as_often_as_in_sequential_sampling() -> None:
    p = removal_probability(THREE)
    expected = Counter[frozenset[int]]()
    for a, b in permutations(range(3), 2):
        expected[frozenset((a, b))] += p[a] * p[b] / (1 - p[a])
    rng = np.random.default_rng(0)
    n = 6000
    heights = {0.0: 0, 5.0: 1, 20.0: 2}
    seen = Counter[frozenset[int]]()
    for _ in range(n):
        (kept,) = stroke_removal(THREE, 0.67, rng).strokes
        seen[frozenset({0, 1, 2} - {heights[float(kept[0, 1])]})] += 1
    for pair, probability in expected.items():
        assert seen[pair] / n == pytest.approx(probability, abs=0.025)


@given(st.integers(0, 100), st.integers(1, 20), st.floats(0, 1))
def test_removal_keeps_order_and_at_least_one_stroke(seed: int, n_strokes: int, fraction: float) -> None:
    sketch = doodle(seed, n_strokes=n_strokes)
    kept = stroke_removal(sketch, fraction, np.random.default_rng(seed))
    assert len(kept.strokes) == n_strokes - min(round(fraction * n_strokes), n_strokes - 1)
    places = [next(i for i, s in enumerate(sketch.strokes) if s is k) for k in kept.strokes]
    assert places == sorted(places)


def naive_mls_rigid(v: np.ndarray, p: np.ndarray, q: np.ndarray) -> np.ndarray:
    """Schaefer et al. (2006), equations 1, 7 and 8 for one point, with 2 x 2 matrices as printed."""
    w = 1 / (((p - v) ** 2).sum(axis=1) + 1e-300)
    p_star, q_star = (w[:, None] * p).sum(0) / w.sum(), (w[:, None] * q).sum(0) / w.sum()
    p_hat, q_hat = p - p_star, q - q_star

    def perp(x: np.ndarray) -> np.ndarray:
        return np.array([-x[1], x[0]])

    total = np.zeros(2)
    for i in range(len(p)):
        left = np.array([p_hat[i], -perp(p_hat[i])])
        right = np.array([v - p_star, -perp(v - p_star)]).T
        total += q_hat[i] @ (w[i] * left @ right)
    length = float(np.linalg.norm(total))
    moved: np.ndarray = float(np.linalg.norm(v - p_star)) * total / length if length > 0 else v - p_star
    result: np.ndarray = moved + q_star
    return result


def complex_of(xy: np.ndarray) -> np.ndarray:
    return xy[:, 0] + 1j * xy[:, 1]


@given(st.integers(0, 10_000), st.integers(2, 12))
def test_mls_equals_the_naive_implementation(seed: int, n_controls: int) -> None:
    rng = np.random.default_rng(seed)
    points = rng.uniform(0, 256, (20, 2))
    p = rng.uniform(0, 256, (n_controls, 2))
    q = p + rng.normal(0, 8, p.shape)
    expected = complex_of(np.array([naive_mls_rigid(v, p, q) for v in points]))
    np.testing.assert_allclose(
        mls_rigid(complex_of(points), complex_of(p), complex_of(q)), expected, atol=0.01
    )


def test_mls_moves_controls_to_their_targets_and_accepts_batches() -> None:
    rng = np.random.default_rng(0)
    p = complex_of(rng.uniform(0, 100, (8, 2)))
    q = p + complex_of(rng.normal(0, 5, (8, 2)))
    np.testing.assert_allclose(mls_rigid(p, p, q), q, atol=1e-3)
    z = complex_of(rng.uniform(0, 100, (30, 2)))
    both = mls_rigid(z, p, np.stack([q, p]))
    np.testing.assert_allclose(both[0], mls_rigid(z, p, q))
    np.testing.assert_allclose(both[1], z, atol=1e-6)


def test_mls_of_a_rigid_motion_is_that_motion() -> None:
    rng = np.random.default_rng(1)
    p = complex_of(rng.uniform(0, 100, (6, 2)))
    z = complex_of(rng.uniform(0, 100, (30, 2)))
    turn = np.exp(0.4j)
    np.testing.assert_allclose(mls_rigid(z, p, p * turn + 3), z * turn + 3, atol=1e-6)


def test_mls_of_one_control_is_a_shift() -> None:
    np.testing.assert_allclose(
        mls_rigid(np.array([0j, 5 + 5j]), np.array([5 + 5j]), np.array([6 + 7j])), [1 + 2j, 6 + 7j], atol=1e-6
    )


def displacement(before: Sketch, after: Sketch) -> NDArray[np.float64]:
    moved: NDArray[np.float64] = np.hypot(*(after.points() - before.points())[:, :2].T)
    return moved


@given(st.integers(0, 500), st.integers(1, 60))
def test_deformation_keeps_structure_and_stays_finite(seed: int, n_strokes: int) -> None:
    sketch = doodle(seed, n_strokes=n_strokes)
    before = sketch.points().copy()
    deformed = mls_deform(sketch, np.random.default_rng(seed))
    assert deformed.lengths.tolist() == sketch.lengths.tolist()
    assert np.isfinite(deformed.points()).all()
    np.testing.assert_array_equal(deformed.points()[:, 2:], before[:, 2:])
    np.testing.assert_array_equal(sketch.points(), before)
    assert displacement(sketch, deformed).max() > 0


def test_strength_is_the_mean_displacement_of_the_controls() -> None:
    ends_only = sketch_from_xy([[(0, 0), (100, 0)], [(0, 60), (100, 60)], [(20, 30), (40, 35)]], 128, 128)
    rng = np.random.default_rng(0)
    means = [
        displacement(ends_only, deformed).mean() / ink_diagonal(ends_only)
        for deformed in mls_deformations(ends_only, rng, 400, strength=0.05)
    ]
    assert np.mean(means) == pytest.approx(0.05, rel=0.05)


def test_short_and_straight_strokes_deform_more_than_long_and_curled_ones() -> None:
    angle = np.linspace(0, 4 * np.pi, 40)
    curl = np.stack([200 + 3 * np.cos(angle), 10 + 3 * np.sin(angle)], axis=1)
    straight = [(180 + x * (stroke_lengths(sketch_from_xy([curl], 9, 9))[0] / 39), 100) for x in range(40)]
    sketch = sketch_from_xy(
        [[(x, 0) for x in range(0, 181, 10)], [(0, 100), (10, 100)], curl, straight], 256, 256
    )
    rng = np.random.default_rng(0)
    moved = np.mean([displacement(sketch, d) for d in mls_deformations(sketch, rng, 300)], axis=0)
    long, short, curled, line = (stroke.mean() for stroke in np.split(moved, np.cumsum(sketch.lengths)[:-1]))
    assert short > 1.2 * long
    assert line > 1.2 * curled


@pytest.mark.parametrize("sketch", [sketch_from_xy([[(3, 3)]], 9, 9), sketch_from_xy([[(3, 3)] * 4], 9, 9)])
def test_dots_survive_every_augmentation(sketch: Sketch) -> None:
    rng = np.random.default_rng(0)
    for result in [*variants(sketch, rng), partial(sketch, 1), partial_ink(sketch, 0.5)]:
        assert np.isfinite(result.points()).all()


def test_twelve_variants() -> None:
    sketch = doodle(0, n_strokes=10)
    results = variants(sketch, np.random.default_rng(0))
    assert [len(v.strokes) for v in results] == [9, 7, 5] + [9] * 3 + [7] * 3 + [5] * 3
    for result in results:
        parse_sketch(result.to_payload())


def test_result_depends_only_on_the_seed() -> None:
    sketch = doodle(0, n_strokes=6)
    one, same, other = (variants(sketch, np.random.default_rng(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one[5].points(), same[5].points())
    assert not np.array_equal(one[-1].points()[:4], other[-1].points()[:4])


def test_partial_keeps_the_first_strokes() -> None:
    sketch = doodle(0, n_strokes=6)
    assert [len(partial(sketch, k).strokes) for k in (-1, 0, 1, 4, 6, 99)] == [1, 1, 1, 4, 6, 6]
    np.testing.assert_array_equal(partial(sketch, 2).strokes[1], sketch.strokes[1])


@given(st.integers(0, 200), st.integers(1, 10), st.floats(0, 1))
def test_partial_ink_has_the_given_fraction_of_the_length(seed: int, n_strokes: int, fraction: float) -> None:
    sketch = doodle(seed, n_strokes=n_strokes)
    part = partial_ink(sketch, fraction)
    total = stroke_lengths(sketch).sum()
    assert stroke_lengths(part).sum() == pytest.approx(fraction * total, abs=1e-3 * total)
    assert (np.diff(part.points()[:, T]) >= 0).all()
    for whole, cut in zip(sketch.strokes, part.strokes[:-1], strict=False):
        np.testing.assert_array_equal(whole, cut)


def test_partial_ink_cuts_inside_a_segment() -> None:
    sketch = sketch_from_xy([[(0, 0), (10, 0)], [(0, 5), (10, 5)]], 16, 16, times=[[0, 100], [200, 300]])
    part = partial_ink(sketch, 0.75)
    assert part.strokes[1][:, [0, 1, 2]].tolist() == [[0, 5, 200], [5, 5, 250]]


@given(st.integers(0, 200), st.integers(1, 10), st.floats(0.5, 50))
def test_densify_keeps_the_lines_and_bounds_the_segments(seed: int, n_strokes: int, step: float) -> None:
    sketch = doodle(seed, n_strokes=n_strokes, n_points=30)
    dense = densify(sketch, step)
    np.testing.assert_allclose(stroke_lengths(dense), stroke_lengths(sketch), rtol=1e-4, atol=1e-3)
    for before, after in zip(sketch.strokes, dense.strokes, strict=True):
        assert np.hypot(*np.diff(after[:, :2], axis=0).T).max() <= step * 1.001
        assert {tuple(p) for p in before.tolist()} <= {tuple(p) for p in after.tolist()}

"""Position bias, from clicks on pairs that a coin ordered."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from ml.clicks.position_bias import PRIOR_MEAN, PositionBias, estimate
from ml.clicks.swaps import RANKS, draw_swap


def clicks(exponent: float, n: int, seed: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return clicks on pairs of equally good products, and whether each was on the lower one."""
    rng = np.random.default_rng(seed)
    upper = rng.integers(1, RANKS, n)
    seen_lower = ((upper + 1.0) / upper) ** -exponent
    return upper, rng.random(n) < seen_lower / (1 + seen_lower)


@pytest.mark.parametrize("exponent", [0.0, 0.5, 1.0, 2.0])
def test_it_finds_the_exponent(exponent: float) -> None:
    found = estimate(*clicks(exponent, 40_000, seed=1))
    assert found.exponent == pytest.approx(exponent, abs=0.12)
    assert found.ci95[0] < exponent < found.ci95[1]


def test_the_interval_contains_the_truth_about_as_often_as_it_says() -> None:
    intervals = [estimate(*clicks(1.0, 2_000, seed)).ci95 for seed in range(200)]
    assert np.mean([low < 1.0 < high for low, high in intervals]) >= 0.93


def test_without_clicks_it_is_the_prior_with_a_wide_interval() -> None:
    found = estimate(np.zeros(0, int), np.zeros(0, bool))
    assert found.exponent == PRIOR_MEAN
    assert found.ci95[1] - found.ci95[0] > 1.5
    assert found.n_clicks == 0


def test_examination_falls_from_one() -> None:
    seen = PositionBias(1.0, (1.0, 1.0), 0).examination(np.array([1, 2, 4]))
    assert seen.tolist() == [1.0, 0.5, 0.25]


def test_swaps_stay_among_the_first_and_are_fair() -> None:
    rng = np.random.default_rng(0)
    swaps = [draw_swap(24, rng) for _ in range(4_000)]
    assert {swap.upper_rank for swap in swaps} == set(range(1, RANKS))
    assert np.mean([swap.swapped for swap in swaps]) == pytest.approx(0.5, abs=0.03)
    assert {draw_swap(2, rng).upper_rank for _ in range(20)} == {1}

"""Preference of sessions for one of two rankings."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest

from ml.metrics.interleaving import preference, sign_test


def test_sessions_count_not_clicks() -> None:
    """Nine clicks of one visitor are one preference."""
    found = preference(np.array([9, 0, 0, 1, 0]), np.array([0, 1, 2, 1, 0]))
    assert (found.n_first, found.n_second, found.n_tied) == (1, 2, 1)
    assert found.advantage == pytest.approx((2 + 0.5) / 4 - 0.5)
    assert found.ci95[0] <= found.advantage <= found.ci95[1]


def test_without_clicks_nothing_is_claimed() -> None:
    found = preference(np.zeros(3, int), np.zeros(3, int))
    assert np.isnan(found.advantage)
    assert found.p_value == 1.0


@pytest.mark.parametrize(("first", "second"), [(0, 5), (3, 12), (40, 60), (7, 7)])
def test_the_sign_test_is_the_binomial_sum(first: int, second: int) -> None:
    n, least = first + second, min(first, second)
    tail = sum(comb(n, k) for k in range(least + 1)) / 2**n
    assert sign_test(first, second) == pytest.approx(min(1.0, 2 * tail))
    assert sign_test(second, first) == sign_test(first, second)


def test_a_clear_preference_has_an_interval_above_zero() -> None:
    rng = np.random.default_rng(0)
    second = (rng.random(300) < 0.65).astype(int)
    found = preference(1 - second, second)
    assert found.ci95[0] > 0
    assert found.p_value < 0.01

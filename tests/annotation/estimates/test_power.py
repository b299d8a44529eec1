"""The sign test's power against a naive sum over all outcomes, and the effort of a plan."""

from __future__ import annotations

from math import comb

import pytest

from annotation.estimates.effort import Planned, effort_of
from annotation.estimates.power import detectable_share, sign_test_power
from annotation.estimates.tasks import TaskCount


def naive_power(n: int, share: float, alpha: float) -> float:
    def p_value(k: int) -> float:
        most = max(k, n - k)
        return float(min(1.0, 2 * sum(comb(n, i) for i in range(most, n + 1)) / 2**n))

    chances: list[float] = [
        comb(n, k) * share**k * (1 - share) ** (n - k) for k in range(n + 1) if p_value(k) <= alpha
    ]
    return float(sum(chances))


@pytest.mark.parametrize("n", [1, 5, 6, 20, 101])
@pytest.mark.parametrize("share", [0.5, 0.6, 0.95, 1.0])
@pytest.mark.parametrize("alpha", [0.05, 0.01])
def test_as_counted_over_all_outcomes(n: int, share: float, alpha: float) -> None:
    assert sign_test_power(n, share, alpha) == pytest.approx(naive_power(n, share, alpha), abs=1e-9)


def test_a_textbook_case() -> None:
    """A share of 0.6 takes about 200 decisions for a power of 0.8 at 5 % (G*Power: 199)."""
    assert sign_test_power(199, 0.6, 0.05) == pytest.approx(0.8, abs=0.02)
    share = detectable_share(199, 0.05)
    assert share == pytest.approx(0.6, abs=0.005)
    assert detectable_share(5, 0.05) is None  # no outcome of five is significant


def test_effort_of_a_paid_plan() -> None:
    plan = Planned(
        tasks=TaskCount.exactly(100),
        votes_per_task=3,
        n_wanted=2,
        split_share=0.2,
        gold_share=0.1,
        n_gold=10,
        n_practice=4,
        required_answers=40,
        seconds_per_answer=6,
        reward=2,
        cost_per_answer=None,
    )
    effort = effort_of(plan)
    found = effort.likely
    assert (effort.votes_min, found.votes, effort.most.votes) == (200, 220, 300)
    assert (found.people, found.gold_answers, found.practice_answers) == (7, 24, 28)
    assert found.hours == pytest.approx((220 + 24 + 28) * 6 / 3600)
    assert found.pay == 14
    assert found.pay_per_hour == pytest.approx(14 / found.hours)
    assert (effort.most.people, effort.most.pay, found.bonus) == (9, 18, None)

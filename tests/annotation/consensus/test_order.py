"""The order of a sketch's candidates from some of its votes, and the risk that a pair is in the wrong order."""

import numpy as np
import pytest

from annotation.consensus.order import order_of


def _wins(k: int, *pairs: tuple[int, int], votes: int = 2) -> np.ndarray:
    wins = np.zeros((k, k))
    for winner, loser in pairs:
        wins[winner, loser] += votes
    return wins


def test_without_votes_nothing_is_known() -> None:
    order = order_of(np.zeros((4, 4)))
    assert order.strengths == pytest.approx(0)
    assert order.risk == pytest.approx(0.5)


def test_pairs_that_nobody_judged_are_inferred_through_others() -> None:
    """a beats b and b beats c: a is above c without a vote, more surely than either of its neighbours."""
    order = order_of(_wins(3, (0, 1), (1, 2), votes=3))
    assert order.strengths[0] > order.strengths[1] > order.strengths[2]
    assert order.risk[0, 2] < order.risk[0, 1] < 0.2


def test_contradictions_raise_the_risk() -> None:
    agreed = order_of(_wins(2, (0, 1), votes=3))
    split = order_of(_wins(2, (0, 1), (0, 1), (1, 0), votes=1))
    assert split.risk[0, 1] > agreed.risk[0, 1]


def test_candidates_without_any_link_stay_uncertain() -> None:
    order = order_of(_wins(4, (0, 1), (2, 3), votes=3))
    assert order.risk[0, 1] < 0.2
    assert order.risk[0, 2] > 0.45


def test_it_is_the_mode_of_the_posterior() -> None:
    """No small change of the strengths is more probable, votes that all agree included."""
    rng = np.random.default_rng(1)
    wins = rng.integers(0, 4, (6, 6)).astype(float)
    np.fill_diagonal(wins, 0)
    for votes in (wins, _wins(6, *((i, j) for i in range(6) for j in range(i + 1, 6)), votes=50)):
        best = order_of(votes).strengths

        def log_posterior(x: np.ndarray, votes: np.ndarray = votes) -> float:
            gap = x[:, None] - x
            return float(-(votes * np.log1p(np.exp(-gap))).sum() - 0.25 * (x**2).sum() / 2)

        for _ in range(50):
            assert log_posterior(best) >= log_posterior(best + rng.normal(0, 0.05, 6)) - 1e-9


def test_the_stated_risk_is_the_share_of_wrong_orders() -> None:
    """Over simulated sketches with strengths from the prior, orders are wrong about as often as stated."""
    rng = np.random.default_rng(7)
    stated, wrong = [], []
    for _ in range(150):
        truth = rng.normal(0, 2, 6)
        wins = np.zeros((6, 6))
        for i, j in ((0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (0, 3), (1, 4), (2, 5)):
            right = rng.binomial(3, 1 / (1 + np.exp(truth[j] - truth[i])))
            wins[i, j], wins[j, i] = right, 3 - right
        order = order_of(wins)
        first, second = np.triu_indices(6, 1)
        stated.append(order.risk[first, second].mean())
        above = order.strengths[first] > order.strengths[second]
        wrong.append((above != (truth[first] > truth[second])).mean())
    assert np.mean(stated) == pytest.approx(np.mean(wrong), abs=0.02)

"""Which pairs an adaptive campaign asks next, and when it stops."""

from itertools import combinations

import numpy as np

from annotation.consensus.order import order_of
from annotation.sampling.adaptive import Pair, inferred_risk, next_pairs


def _played(k: int, *, risk: float, noise: float, seed: int) -> tuple[int, float, list[int]]:
    """Ask a simulated crowd until the sketch is settled; return pairs asked, inferred risk and the order."""
    rng = np.random.default_rng(seed)
    wins, n_rounds = np.zeros((k, k)), 0
    asked: set[Pair] = set()
    while chosen := next_pairs(order_of(wins).risk, asked, risk=risk, rng=rng):
        n_rounds += 1
        assert n_rounds <= k * k
        assert len({place for pair in chosen for place in pair}) == 2 * len(chosen)
        for i, j in chosen:  # candidate 0 is the best
            for _ in range(2):
                better, worse = (j, i) if rng.random() < noise else (i, j)
                wins[better, worse] += 1
        asked |= set(chosen)
    order = order_of(wins)
    return len(asked), inferred_risk(order.risk, asked), np.argsort(-order.strengths).tolist()


def test_a_careful_crowd_is_asked_far_fewer_pairs_and_the_order_is_right() -> None:
    n_asked, stated, order = _played(10, risk=0.1, noise=0.0, seed=1)
    assert order == list(range(10))
    assert n_asked < 30 < len(list(combinations(range(10), 2)))
    assert stated < 0.05


def test_a_lower_risk_costs_more_pairs() -> None:
    asked = [
        np.mean([_played(10, risk=risk, noise=0.15, seed=s)[0] for s in range(5)])
        for risk in (0.3, 0.1, 0.01)
    ]
    assert asked[0] < asked[1] < asked[2] <= 45


def test_no_pair_is_asked_twice_and_all_are_if_no_risk_is_allowed() -> None:
    assert _played(5, risk=0.0, noise=0.5, seed=3)[0] == 10


def test_two_candidates_need_their_only_pair() -> None:
    assert _played(2, risk=0.1, noise=0.0, seed=0)[0] == 1


def test_the_same_seed_chooses_the_same_pairs() -> None:
    order = order_of(np.zeros((8, 8)))
    first, again, other = (
        next_pairs(order.risk, (), risk=0.1, rng=np.random.default_rng(s)) for s in (5, 5, 6)
    )
    assert first == again != other

"""Which pairs are judged: all of them, or an even spread."""

import numpy as np
import pytest

from annotation.sampling.pairs import pair_count, pairs


def test_ten_candidates_make_45_pairs_each_once() -> None:
    every = pairs(10, None, np.random.default_rng(0))
    assert len(set(every)) == len(every) == pair_count(10) == 45
    assert all(i < j for i, j in every)
    assert pairs(10, 45, np.random.default_rng(0)) == every
    assert pairs(1, None, np.random.default_rng(0)) == []


@pytest.mark.parametrize("n_candidates", [5, 10, 11])
@pytest.mark.parametrize("share", [0.3, 0.5, 0.8])
def test_a_budget_covers_all_candidates_evenly(n_candidates: int, share: float) -> None:
    budget = max(n_candidates, int(share * pair_count(n_candidates)))
    chosen = pairs(n_candidates, budget, np.random.default_rng(n_candidates))
    assert len(set(chosen)) == len(chosen) == budget
    degree = np.bincount(np.array(chosen).ravel(), minlength=n_candidates)
    assert np.ptp(degree) <= 2
    reached = {0}
    for _ in range(n_candidates):
        reached |= {k for pair in chosen if reached & set(pair) for k in pair}
    assert len(reached) == n_candidates


def test_pairs_depend_on_the_seed() -> None:
    first, again, other = (pairs(10, 20, np.random.default_rng(seed)) for seed in (4, 4, 5))
    assert first == again != other

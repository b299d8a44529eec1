"""Alpha against Krippendorff's example and its definition; circular triads against Kendall's formula and a count."""

from itertools import combinations

import numpy as np
import pytest

from annotation.consensus.agreement import alpha, cycles, pairwise_agreement
from annotation.consensus.majority import tally
from annotation.consensus.votes import CANT_TELL, A, B


def votes_of(rows: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    task, choice = np.array(rows).T
    return task, choice.astype(np.int8)


def test_alpha_of_krippendorffs_binary_example() -> None:
    """K. Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011), part A: alpha 0.095."""
    meg, owen = [0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]
    counts = tally(*votes_of([*enumerate(meg), *enumerate(owen)]))
    assert alpha(counts) == pytest.approx(0.095, abs=5e-4)
    assert pairwise_agreement(counts) == pytest.approx(0.6)


def test_alpha_equals_its_definition_with_missing_votes() -> None:
    rng = np.random.default_rng(4)
    rows = [
        (task, int(rng.choice([A, B, CANT_TELL], p=[0.6, 0.3, 0.1])))
        for task in range(50)
        for _ in range(rng.integers(1, 5))
    ]
    by_task = [[c for t, c in rows if t == task and c != CANT_TELL] for task in range(50)]
    kept = [values for values in by_task if len(values) >= 2]
    values = [value for one in kept for value in one]
    n = len(values)
    observed = sum(
        sum(one[i] != one[j] for i in range(len(one)) for j in range(len(one)) if i != j) / (len(one) - 1)
        for one in kept
    )
    expected = sum(values[i] != values[j] for i in range(n) for j in range(n) if i != j) / (n - 1)
    assert alpha(tally(*votes_of(rows))) == pytest.approx(1 - observed / expected, abs=1e-9)


def test_alpha_is_none_where_undefined() -> None:
    assert alpha(tally(*votes_of([(1, A), (2, B)]))) is None  # nothing to compare
    assert alpha(tally(*votes_of([(1, A), (1, A), (2, A), (2, A)]))) is None  # nothing varies
    assert pairwise_agreement(tally(*votes_of([(1, A), (2, B)]))) is None


def test_a_ring_is_one_cycle_and_a_ranking_has_none() -> None:
    group = np.zeros(3, dtype=int)
    ring = cycles(group, np.array([10, 20, 30]), np.array([20, 30, 10]))
    assert (ring.n_cyclic, ring.n_triples, ring.rate) == (1, 1, 1.0)
    ranking = cycles(group, np.array([10, 10, 20]), np.array([20, 30, 30]))
    assert (ranking.n_cyclic, ranking.n_triples, ranking.rate) == (0, 1, 0.0)
    assert cycles(group[:2], np.array([10, 10]), np.array([20, 30])).rate is None


def test_cycles_equal_kendalls_formula_for_whole_tournaments() -> None:
    """Circular triads of n objects with wins a: n (n - 1) (2 n - 1) / 12 - sum of a squared / 2."""
    rng = np.random.default_rng(2)
    group, winner, loser, expected = [], [], [], 0.0
    for sketch in range(5):
        wins = np.zeros(10)
        for a, b in combinations(range(10), 2):
            first, second = (a, b) if rng.random() < 0.5 else (b, a)
            group.append(sketch)
            winner.append(first)
            loser.append(second)
            wins[first] += 1
        expected += 10 * 9 * 19 / 12 - (wins**2).sum() / 2
    found = cycles(np.array(group), np.array(winner), np.array(loser))
    assert found.n_cyclic == expected
    assert found.n_triples == 5 * 120


def test_cycles_equal_a_naive_count_with_missing_pairs() -> None:
    rng = np.random.default_rng(9)
    beats = {
        (a, b) if rng.random() < 0.5 else (b, a) for a, b in combinations(range(12), 2) if rng.random() < 0.6
    }
    cyclic = whole = 0
    for a, b, c in combinations(range(12), 3):
        met = [(x, y) in beats or (y, x) in beats for x, y in ((a, b), (b, c), (a, c))]
        whole += all(met)
        cyclic += {(a, b), (b, c), (c, a)} <= beats or {(b, a), (c, b), (a, c)} <= beats
    winner, loser = np.array(sorted(beats)).T
    found = cycles(np.zeros(len(winner), dtype=int), winner, loser)
    assert (found.n_cyclic, found.n_triples) == (cyclic, whole)

"""Hand-computed rankings, ties among them."""

import numpy as np
import pytest

from ml.evaluation.metrics import accuracy_at, bootstrap_interval, expected_ranks, precision_at

# Query 0: match nearest. Query 1: match tied with two others behind one nearer. Query 2: match last.
DISTANCES = np.array([[0.1, 0.5, 0.6, 0.7], [0.1, 0.3, 0.3, 0.3], [0.1, 0.2, 0.3, 0.9]])
TRUE = np.array([0, 2, 3])


def test_expected_rank_is_the_mean_over_tied_places() -> None:
    assert expected_ranks(DISTANCES, TRUE).tolist() == [1.0, 3.0, 4.0]


@pytest.mark.parametrize(
    ("k", "expected"), [(1, [1, 0, 0]), (2, [1, 1 / 3, 0]), (3, [1, 2 / 3, 0]), (4, [1, 1, 1])]
)
def test_accuracy_shares_the_places_that_ties_leave(k: int, expected: list[float]) -> None:
    assert accuracy_at(DISTANCES, TRUE, k) == pytest.approx(expected)


def test_precision_with_ties_at_the_last_place() -> None:
    relevant = np.array([[True, False, True, False], [False, True, False, False], [False, False, True, True]])
    # Query 1, k = 2: the nearest is wrong, one of three tied rows takes the second place, one of the three is right.
    assert precision_at(DISTANCES, relevant, 2) == pytest.approx([0.5, 1 / 6, 0.0])
    assert precision_at(DISTANCES, relevant, 4) == pytest.approx([0.5, 0.25, 0.5])


def test_metrics_equal_the_mean_over_random_tie_orders() -> None:
    rng = np.random.default_rng(0)
    distances = rng.integers(0, 4, (5, 12)).astype(float)
    true, relevant = rng.integers(0, 12, 5), rng.random((5, 12)) < 0.4
    ranks, hits, precise = [], [], []
    for _ in range(4000):
        order = np.argsort(distances + rng.random(distances.shape) * 0.5, axis=1)
        place = np.argmax(order == true[:, None], axis=1)
        ranks.append(place + 1)
        hits.append(place < 3)
        precise.append(np.take_along_axis(relevant, order[:, :3], axis=1).mean(axis=1))
    assert expected_ranks(distances, true) == pytest.approx(np.mean(ranks, axis=0), abs=0.2)
    assert accuracy_at(distances, true, 3) == pytest.approx(np.mean(hits, axis=0), abs=0.05)
    assert precision_at(distances, relevant, 3) == pytest.approx(np.mean(precise, axis=0), abs=0.05)


def test_bootstrap_interval_holds_the_mean_and_repeats() -> None:
    values = np.random.default_rng(1).random(200)
    low, high = bootstrap_interval(values)
    assert low < values.mean() < high
    assert (low, high) == bootstrap_interval(values)

"""Ranking metrics against results computed by hand, including ties."""

import numpy as np
import pytest

from ml.metrics.ranking import (
    accuracy_at,
    average_precision,
    bootstrap_interval,
    correct_triplets,
    expected_ranks,
    precision_at,
)

# Query 0: match nearest. Query 1: match tied with two others behind one nearer. Query 2: match last.
DISTANCES = np.array([[0.1, 0.5, 0.6, 0.7], [0.1, 0.3, 0.3, 0.3], [0.1, 0.2, 0.3, 0.9]])
TRUE = np.array([0, 2, 3])


def test_expected_rank_is_the_mean_over_tied_places() -> None:
    assert expected_ranks(DISTANCES, TRUE).tolist() == [1.0, 3.0, 4.0]


@pytest.mark.parametrize(
    ("k", "expected"), [(1, [1, 0, 0]), (2, [1, 1 / 3, 0]), (3, [1, 2 / 3, 0]), (4, [1, 1, 1])]
)
def test_accuracy_divides_the_remaining_places_among_ties(k: int, expected: list[float]) -> None:
    assert accuracy_at(DISTANCES, TRUE, k) == pytest.approx(expected)


def test_precision_with_ties_at_the_cut_off() -> None:
    relevant = np.array([[True, False, True, False], [False, True, False, False], [False, False, True, True]])
    # Query 1, k = 2: the nearest is wrong; one of three tied rows is second, and one of the three is right.
    assert precision_at(DISTANCES, relevant, 2) == pytest.approx([0.5, 1 / 6, 0.0])
    assert precision_at(DISTANCES, relevant, 4) == pytest.approx([0.5, 0.25, 0.5])


def test_average_precision_by_hand() -> None:
    distances = np.array([[0.1, 0.2, 0.3, 0.4]] * 3)
    relevant = np.array([[True, False, True, False], [False, False, False, True], [True, True, True, True]])
    assert average_precision(distances, relevant) == pytest.approx([(1 / 1 + 2 / 3) / 2, 1 / 4, 1])


def test_average_precision_is_the_mean_over_tie_orders() -> None:
    # One relevant row of two tied at the front: first or second with probability 1/2 each.
    assert average_precision(np.array([[0.0, 0.0, 1.0]]), np.array([[True, False, False]])) == pytest.approx(
        [(1 + 1 / 2) / 2]
    )
    # Two relevant of three tied rows: orders RRN, RNR, NRR.
    orders = [(1 + 1) / 2, (1 + 2 / 3) / 2, (1 / 2 + 2 / 3) / 2]
    relevant = np.array([[True, False, True]])
    assert average_precision(np.zeros((1, 3)), relevant) == pytest.approx([np.mean(orders)])


@pytest.mark.parametrize(("k", "expected"), [(1, 0.0), (2, 1 / 2 / 2), (4, (1 / 2 + 2 / 3) / 3), (9, None)])
def test_average_precision_at_k_divides_by_the_smaller_of_k_and_the_relevant(
    k: int, expected: float | None
) -> None:
    distances = np.array([[1, 2, 3, 4, 5]])
    relevant = np.array([[False, True, True, False, True]])  # R = 3
    whole = (1 / 2 + 2 / 3 + 3 / 5) / 3
    assert average_precision(distances, relevant, k)[0] == pytest.approx(
        whole if expected is None else expected
    )


def test_average_precision_of_a_query_without_relevant_rows_is_nan() -> None:
    assert np.isnan(average_precision(np.array([[1, 2]]), np.array([[False, False]]))).all()


def test_a_single_relevant_row_makes_average_precision_the_reciprocal_rank() -> None:
    relevant = np.arange(4) == TRUE[:, None]
    assert average_precision(DISTANCES, relevant) == pytest.approx([1, (1 / 2 + 1 / 3 + 1 / 4) / 3, 1 / 4])


def test_triplet_ties_count_half() -> None:
    assert correct_triplets(np.array([1, 2, 3]), np.array([2, 2, 2])).tolist() == [1, 0.5, 0]


def test_triplets_are_resampled_by_query() -> None:
    # One query all right, one all wrong: queries are resampled whole, so half of the samples are 0 or 1.
    values, queries = np.repeat([1.0, 0.0], 500), np.repeat([0, 1], 500)
    assert bootstrap_interval(values, groups=queries) == (0.0, 1.0)
    low, high = bootstrap_interval(values)
    assert 0.45 < low < high < 0.55


def test_metrics_equal_the_mean_over_random_tie_orders() -> None:
    rng = np.random.default_rng(0)
    distances = rng.integers(0, 4, (5, 12)).astype(float)
    true, relevant = rng.integers(0, 12, 5), rng.random((5, 12)) < 0.4
    relevant[:, 0] = True
    ranks, hits, precise, average, average_at_5 = [], [], [], [], []
    for _ in range(4000):
        order = np.argsort(distances + rng.random(distances.shape) * 0.5, axis=1)
        place = np.argmax(order == true[:, None], axis=1)
        ranks.append(place + 1)
        hits.append(place < 3)
        right = np.take_along_axis(relevant, order, axis=1)
        precise.append(right[:, :3].mean(axis=1))
        gained = right * np.cumsum(right, axis=1) / np.arange(1, 13)
        average.append(gained.sum(axis=1) / right.sum(axis=1))
        average_at_5.append(gained[:, :5].sum(axis=1) / np.minimum(right.sum(axis=1), 5))
    assert expected_ranks(distances, true) == pytest.approx(np.mean(ranks, axis=0), abs=0.2)
    assert accuracy_at(distances, true, 3) == pytest.approx(np.mean(hits, axis=0), abs=0.05)
    assert precision_at(distances, relevant, 3) == pytest.approx(np.mean(precise, axis=0), abs=0.05)
    assert average_precision(distances, relevant) == pytest.approx(np.mean(average, axis=0), abs=0.02)
    assert average_precision(distances, relevant, 5) == pytest.approx(np.mean(average_at_5, axis=0), abs=0.02)


def test_bootstrap_interval_contains_the_mean_and_is_reproducible() -> None:
    values = np.random.default_rng(1).random(200)
    low, high = bootstrap_interval(values)
    assert low < values.mean() < high
    assert (low, high) == bootstrap_interval(values)

"""The three aggregations compared on a synthetic crowd with known truth."""

import numpy as np
import pytest

from annotation.consensus.aggregate import AGGREGATIONS, aggregate
from annotation.consensus.votes import CANT_TELL, Votes
from tests.annotation.consensus.simulated import simulated


@pytest.fixture(scope="module")
def spammed() -> tuple[Votes, np.ndarray]:
    return simulated(0)


def test_each_aggregation_is_more_accurate_than_the_one_before_with_spammers(
    spammed: tuple[Votes, np.ndarray],
) -> None:
    votes, truth = spammed
    right = {}
    for aggregation in AGGREGATIONS:
        merged = aggregate(votes, aggregation)
        right[aggregation] = np.mean([(merged[t].outcome == "a") == truth[t] for t in range(len(truth))])
    assert right["majority"] > 0.75
    assert right["dawid-skene"] > right["majority"]
    assert right["bradley-terry"] > right["dawid-skene"] + 0.03


def test_early_stopping_saves_a_fifth_of_the_votes_and_changes_no_majority(
    spammed: tuple[Votes, np.ndarray],
) -> None:
    votes, truth = spammed
    choices = votes.choice.reshape(-1, 3)
    asked = np.where(choices[:, 0] == choices[:, 1], 2, 3)
    kept = (np.arange(3) < asked[:, None]).ravel()
    assert {t: m.outcome for t, m in aggregate(votes, "majority").items()} == {
        t: m.outcome for t, m in aggregate(votes[kept], "majority").items()
    }
    assert asked.sum() < 0.82 * 3 * len(truth)


def test_aggregations_do_not_depend_on_the_order_of_votes_or_on_ids(
    spammed: tuple[Votes, np.ndarray],
) -> None:
    votes = spammed[0][np.arange(1350)]
    shuffled = votes[np.random.default_rng(1).permutation(1350)]
    for aggregation in AGGREGATIONS:
        first, second = aggregate(votes, aggregation), aggregate(shuffled, aggregation)
        assert {t: m.outcome for t, m in first.items()} == {t: m.outcome for t, m in second.items()}


@pytest.mark.parametrize("aggregation", AGGREGATIONS)
def test_only_cant_tell_votes_are_a_tie(aggregation: str) -> None:
    one = np.ones(2, dtype=np.int64)
    choice = np.array([CANT_TELL, CANT_TELL], dtype=np.int8)
    votes = Votes(one, one, one, 2 * one, np.array([1, 2]), choice, one.astype(bool), one)
    assert aggregate(votes, aggregation)[1].outcome == "tie"  # type: ignore[arg-type]


@pytest.mark.parametrize("aggregation", AGGREGATIONS)
def test_no_votes_give_no_outcomes(aggregation: str) -> None:
    nothing = np.zeros(0, dtype=np.int64)
    votes = Votes(
        task=nothing,
        sketch=nothing,
        candidate_a=nothing,
        candidate_b=nothing,
        worker=nothing,
        choice=nothing.astype(np.int8),
        left_is_a=nothing.astype(bool),
        response_ms=nothing,
    )
    assert aggregate(votes, aggregation) == {}  # type: ignore[arg-type]

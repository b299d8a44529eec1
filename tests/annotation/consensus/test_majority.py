"""Majority: the tie rule, and that early stopping never changes the outcome."""

from itertools import product

import numpy as np
import pytest

from annotation.consensus.majority import outcome, tally
from annotation.consensus.task_status import TaskTally, task_status
from annotation.consensus.votes import CANT_TELL, A, B, votes_hash


@pytest.mark.parametrize(
    ("n_a", "n_b", "expected"),
    [(2, 1, "a"), (1, 2, "b"), (3, 0, "a"), (1, 1, "tie"), (0, 0, "tie"), (1, 0, "a")],
)
def test_more_votes_win_and_equal_counts_are_a_tie(n_a: int, n_b: int, expected: str) -> None:
    assert outcome(n_a, n_b) == expected


@pytest.mark.parametrize("n_votes", [1, 2, 3, 4, 5])
def test_stopping_when_decided_gives_the_majority_of_all_votes(n_votes: int) -> None:
    for votes in product((A, B, CANT_TELL), repeat=n_votes):
        so_far = TaskTally(n_votes)
        for vote in votes:
            so_far = so_far.plus({A: "a", B: "b", CANT_TELL: "cant_tell"}[vote])
            if task_status(so_far, compares=True, stop_when_decided=True) != "open":
                break
        assert outcome(so_far.n_a, so_far.n_b) == outcome(votes.count(A), votes.count(B))


def test_tally_counts_each_task() -> None:
    counts = tally(np.array([7, 5, 7, 7, 5, 9]), np.array([A, B, A, CANT_TELL, A, CANT_TELL], dtype=np.int8))
    assert counts.task.tolist() == [5, 7, 9]
    assert counts.n_a.tolist() == [1, 2, 0]
    assert counts.n_b.tolist() == [1, 0, 0]
    assert counts.n_cant_tell.tolist() == [0, 1, 1]
    assert counts.outcomes == ["tie", "a", "tie"]


def test_the_hash_ignores_the_order_of_votes_but_covers_each() -> None:
    assert votes_hash([(1, "a"), (2, "b")]) == votes_hash([(2, "b"), (1, "a")])
    assert len({votes_hash(rows) for rows in ([], [(1, "a")], [(1, "b")], [(1, "a"), (2, "b")])}) == 4

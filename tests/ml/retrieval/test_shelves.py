"""The vote of the shelves against a naive twin, and in the two-stage search."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from ml.retrieval.index import GalleryIndex
from ml.retrieval.shelves import VOTERS, ShelfVote
from ml.retrieval.two_stage import TwoStageSearch

MakeIndex = Callable[..., GalleryIndex]


def naive(shelves: list[int], cosines: list[float], temperature: float) -> list[float]:
    votes = {}
    for shelf in set(shelves):
        nearest = sorted((c for c, s in zip(cosines, shelves, strict=True) if s == shelf), reverse=True)
        votes[shelf] = sum(math.exp(c / temperature) for c in nearest[:VOTERS])
    total = sum(votes.values())
    return [c + temperature * math.log(votes[s] / total) for c, s in zip(cosines, shelves, strict=True)]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("temperature", [0.02, 0.1, 1.0])
def test_agrees_with_the_naive_twin(seed: int, temperature: float) -> None:
    rng = np.random.default_rng(seed)
    shelves = rng.integers(0, 9, 500)
    rows = np.sort(rng.choice(500, 60, replace=False))
    cosines = rng.uniform(-0.2, 0.9, 60).astype(np.float32).round(2)
    found = ShelfVote(shelves, temperature).scores(rows, cosines)
    assert found.dtype == np.float32
    assert found == pytest.approx(naive(shelves[rows].tolist(), cosines.tolist(), temperature), abs=1e-5)
    assert (found <= cosines + 1e-6).all()


def test_one_shelf_alone_changes_nothing() -> None:
    cosines = np.array([0.3, 0.9, -1.0, 0.9], np.float32)
    vote = ShelfVote(np.full(10, 7), 0.05)
    assert vote.scores(np.array([1, 3, 5, 8]), cosines).tolist() == cosines.tolist()
    assert vote.scores(np.empty(0, np.int64), np.empty(0, np.float32)).tolist() == []


def test_the_farthest_of_a_shelf_have_no_vote() -> None:
    cosines = np.concatenate([np.full(VOTERS, 0.8), np.full(VOTERS + 30, 0.8)]).astype(np.float32)
    shelves = np.repeat([0, 1], [VOTERS, VOTERS + 30])
    scores = ShelfVote(shelves, 0.05).scores(np.arange(len(cosines)), cosines)
    assert len(set(scores.tolist())) == 1


def test_a_stray_ranks_behind_the_shelf_it_strayed_into(make_index: MakeIndex) -> None:
    """Six alike of one shelf, and one of another that is a little nearer to the query."""
    angle = np.array([0.30, 0.31, 0.32, 0.33, 0.34, 0.35, 0.29])
    embeddings = np.stack([np.cos(angle), np.sin(angle)], axis=1).astype(np.float32)
    index = make_index(np.arange(7), embeddings, np.zeros((7, 1), np.uint8))
    query = (np.array([1.0, 0.0], np.float32), np.zeros(1, np.uint8), 7)
    search = TwoStageSearch(index)
    assert search.search(*query).rows[0] == 6
    search.vote = ShelfVote(np.array([1, 1, 1, 1, 1, 1, 2]), 0.05)
    hits = search.search(*query)
    assert hits.rows.tolist() == [0, 1, 2, 3, 4, 5, 6]
    assert hits.cosines[-1] == max(hits.cosines)
    assert (np.diff(hits.scores) <= 0).all()

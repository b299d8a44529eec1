"""The category prior against a naive implementation, and in the two-stage search."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from ml.retrieval.category_prior import NEIGHBOURS, CategoryPrior
from ml.retrieval.index import GalleryIndex
from ml.retrieval.two_stage import TwoStageSearch

MakeIndex = Callable[..., GalleryIndex]


def naive(categories: list[int], cosines: list[float], temperature: float) -> list[float]:
    weights = {}
    pairs = list(zip(cosines, categories, strict=True))
    for category in set(categories):
        nearest = sorted((cosine for cosine, other in pairs if other == category), reverse=True)
        weights[category] = sum(math.exp(cosine / temperature) for cosine in nearest[:NEIGHBOURS])
    total = sum(weights.values())
    return [cosine + temperature * math.log(weights[category] / total) for cosine, category in pairs]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("temperature", [0.02, 0.1, 1.0])
def test_agrees_with_the_naive_implementation(seed: int, temperature: float) -> None:
    rng = np.random.default_rng(seed)
    categories = rng.integers(0, 9, 500)
    rows = np.sort(rng.choice(500, 60, replace=False))
    cosines = rng.uniform(-0.2, 0.9, 60).astype(np.float32).round(2)
    found = CategoryPrior(categories, temperature).scores(rows, cosines)
    assert found.dtype == np.float32
    assert found == pytest.approx(naive(categories[rows].tolist(), cosines.tolist(), temperature), abs=1e-5)
    assert (found <= cosines + 1e-6).all()


def test_a_single_category_changes_nothing() -> None:
    cosines = np.array([0.3, 0.9, -1.0, 0.9], np.float32)
    prior = CategoryPrior(np.full(10, 7), 0.05)
    assert prior.scores(np.array([1, 3, 5, 8]), cosines).tolist() == cosines.tolist()
    assert prior.scores(np.empty(0, np.int64), np.empty(0, np.float32)).tolist() == []


def test_only_the_nearest_of_a_category_count() -> None:
    cosines = np.concatenate([np.full(NEIGHBOURS, 0.8), np.full(NEIGHBOURS + 30, 0.8)]).astype(np.float32)
    categories = np.repeat([0, 1], [NEIGHBOURS, NEIGHBOURS + 30])
    scores = CategoryPrior(categories, 0.05).scores(np.arange(len(cosines)), cosines)
    assert len(set(scores.tolist())) == 1


def test_an_outlier_ranks_behind_the_likelier_category(make_index: MakeIndex) -> None:
    """Six similar products of one category, and one of another that is slightly nearer to the query."""
    angle = np.array([0.30, 0.31, 0.32, 0.33, 0.34, 0.35, 0.29])
    embeddings = np.stack([np.cos(angle), np.sin(angle)], axis=1).astype(np.float32)
    index = make_index(np.arange(7), embeddings, np.zeros((7, 1), np.uint8))
    query = (np.array([1.0, 0.0], np.float32), np.zeros(1, np.uint8), 7)
    search = TwoStageSearch(index)
    assert search.search(*query).rows[0] == 6
    search.prior = CategoryPrior(np.array([1, 1, 1, 1, 1, 1, 2]), 0.05)
    hits = search.search(*query)
    assert hits.rows.tolist() == [0, 1, 2, 3, 4, 5, 6]
    assert hits.cosines[-1] == max(hits.cosines)
    assert (np.diff(hits.scores) <= 0).all()

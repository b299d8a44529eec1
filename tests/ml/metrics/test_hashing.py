"""Metrics from distance counts against the general metrics on the same distances, including ties."""

from __future__ import annotations

import numpy as np
import pytest

from ml.metrics import ranking
from ml.metrics.hashing import (
    DistanceCounts,
    counted_average_precision,
    counted_precision,
    counted_ranks,
    distance_counts,
    precision_recall,
)
from ml.retrieval.packing import hamming


@pytest.fixture
def ranked() -> tuple[DistanceCounts, np.ndarray, np.ndarray]:
    """Counts, distances and relevance of 40 queries in a gallery of 300 codes of 8 bits, with many ties."""
    rng = np.random.default_rng(0)
    queries, gallery = rng.integers(0, 256, (40, 1), np.uint8), rng.integers(0, 256, (300, 1), np.uint8)
    labels, of_gallery = rng.integers(0, 7, 40), rng.integers(0, 6, 300)  # class 6 is not in the gallery
    distances = np.stack([hamming(gallery, query) for query in queries])
    return distance_counts(queries, gallery, labels, of_gallery), distances, labels[:, None] == of_gallery


@pytest.mark.parametrize("k", [None, 1, 3, 25, 200, 1000])
def test_average_precision(ranked: tuple[DistanceCounts, np.ndarray, np.ndarray], k: int | None) -> None:
    counts, distances, relevant = ranked
    expected = ranking.average_precision(distances, relevant, k)
    assert np.isnan(expected).any()
    np.testing.assert_allclose(counted_average_precision(counts, k), expected, atol=1e-12)


@pytest.mark.parametrize("k", [1, 3, 25, 200, 1000])
def test_precision(ranked: tuple[DistanceCounts, np.ndarray, np.ndarray], k: int) -> None:
    counts, distances, relevant = ranked
    np.testing.assert_allclose(
        counted_precision(counts, k), ranking.precision_at(distances, relevant, k), atol=1e-12
    )


def test_a_query_does_not_find_itself() -> None:
    codes = np.array([[0b1], [0b1], [0b11], [0b1111]], np.uint8)
    labels = np.array([0, 0, 1, 0])
    counts = distance_counts(codes, codes, labels, labels, own=np.arange(4))
    assert counts.all.sum() == 12
    assert counts.all[0].tolist() == [1, 1, 0, 1, 0, 0, 0, 0, 0]
    assert counts.relevant[0].tolist() == [1, 0, 0, 1, 0, 0, 0, 0, 0]
    assert counted_average_precision(counts)[0] == pytest.approx((1 + 2 / 3) / 2)
    assert np.isnan(counted_average_precision(counts)[2])  # the only item of its class


def test_rank_of_the_first_relevant_code_is_the_mean_over_tie_orders() -> None:
    gallery, labels = np.zeros((5, 1), np.uint8), np.array([0, 1, 1, 0, 0])
    gallery[4] = 1
    counts = distance_counts(np.zeros((1, 1), np.uint8), gallery, np.array([1]), labels)
    rng = np.random.default_rng(0)
    first = [1 + int(np.flatnonzero(rng.permutation(labels[:4]) == 1)[0]) for _ in range(4000)]
    ranks, ties = counted_ranks(counts)
    assert ranks[0] == pytest.approx(np.mean(first), abs=0.05)
    assert ties[0] == 3
    missing = distance_counts(np.zeros((1, 1), np.uint8), gallery, np.array([9]), labels)
    assert np.isnan(counted_ranks(missing)[0][0])


def test_precision_and_recall_by_radius() -> None:
    gallery = np.array([[0b1], [0b11], [0b111]], np.uint8)
    counts = distance_counts(np.zeros((1, 1), np.uint8), gallery, np.array([0]), np.array([0, 1, 0]))
    precision, recall = precision_recall(counts)
    assert precision[:4].tolist() == pytest.approx([1, 1, 1 / 2, 2 / 3])
    assert recall[:4].tolist() == [0, 0.5, 0.5, 1]


def test_large_galleries_are_counted_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    codes, labels = rng.integers(0, 256, (50, 2), np.uint8), rng.integers(0, 3, 50)
    whole = distance_counts(codes, codes, labels, labels)
    monkeypatch.setattr("ml.metrics.hashing._CELLS", 120)
    monkeypatch.setattr("ml.metrics.hashing._GALLERY", 17)
    parts = distance_counts(codes, codes, labels, labels)
    assert np.array_equal(whole.all, parts.all)
    assert np.array_equal(whole.relevant, parts.relevant)

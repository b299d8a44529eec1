"""Hash codes: exact neighbours with ties, asymmetric distances, statistics."""

from __future__ import annotations

import numpy as np
import pytest

from ml.retrieval.asymmetric import asymmetric_distances, bit_probabilities
from ml.retrieval.hamming import HammingIndex
from ml.retrieval.packing import hamming, pack, unpack
from ml.retrieval.statistics import class_distances, code_statistics


@pytest.mark.parametrize(("n_bytes", "k"), [(1, 5), (2, 300), (3, 40), (8, 999)])
def test_nearest_codes_and_their_ties_equal_a_sort(n_bytes: int, k: int) -> None:
    rng = np.random.default_rng(n_bytes)
    codes = rng.integers(0, 256, (700, n_bytes), np.uint8) & np.uint8(0b10110101)
    queries = rng.integers(0, 256, (9, n_bytes), np.uint8)
    distances, rows = HammingIndex(codes).nearest(queries, k)
    for query, found, places in zip(queries, distances, rows, strict=True):
        expected = hamming(codes, query)
        order = np.argsort(expected, kind="stable")[:k]
        assert np.array_equal(places, order)
        assert np.array_equal(found, expected[order])


@pytest.mark.parametrize("n_bytes", [1, 4, 8])
@pytest.mark.parametrize("k", [1, 70, 187])
def test_one_query_agrees_with_a_sort_for_any_distribution_of_near_codes(n_bytes: int, k: int) -> None:
    rng = np.random.default_rng(k)
    codes = rng.integers(0, 256, (3000, n_bytes), np.uint8)
    codes[1000:1150] = codes[1001]
    codes[::64] = ~codes[1001]  # radii estimated from the sampled rows hold far too few or far too many codes
    for query in (codes[1001], ~codes[1001], codes[17]):
        distances, rows = HammingIndex(codes).nearest(query[None], k)
        expected = hamming(codes, query)
        order = np.argsort(expected, kind="stable")[:k]
        assert np.array_equal(rows[0], order)
        assert np.array_equal(distances[0], expected[order])


def test_an_empty_gallery_has_no_neighbours() -> None:
    distances, rows = HammingIndex(np.zeros((0, 2), np.uint8)).nearest(np.zeros((3, 2), np.uint8), 5)
    assert distances.shape == rows.shape == (3, 0)


def test_asymmetric_distance_equals_a_loop() -> None:
    rng = np.random.default_rng(0)
    codes, query = rng.integers(0, 256, (20, 3), np.uint8), rng.random(24)
    expected = [
        sum(abs(float(q) - float(b)) for q, b in zip(query, row, strict=True)) for row in unpack(codes)
    ]
    np.testing.assert_allclose(asymmetric_distances(codes, query), expected, rtol=1e-5)


def test_asymmetric_distance_to_a_code_is_hamming() -> None:
    codes = np.random.default_rng(1).integers(0, 256, (50, 2), np.uint8)
    query = unpack(codes[:1])[0].astype(np.float32)
    assert np.array_equal(asymmetric_distances(codes, query), hamming(codes, codes[0]))
    with pytest.raises(ValueError, match=r"expected \(16,\)"):
        asymmetric_distances(codes, query[:8])


def test_uncertain_bits_weigh_less() -> None:
    logits = np.array([9.0, -9, 0.1, 9, 9, 9, 9, 9])
    query = bit_probabilities(logits)
    assert pack(query[None] - 0.5).tolist() == pack(logits[None]).tolist()
    sure, unsure = pack(logits[None]) ^ np.uint8(0b1), pack(logits[None]) ^ np.uint8(0b100)
    assert asymmetric_distances(unsure, query)[0] < asymmetric_distances(sure, query)[0] - 0.5


def test_statistics_of_balanced_and_of_poor_codes() -> None:
    every = code_statistics(np.arange(256, dtype=np.uint8)[:, None])
    assert every.balance.tolist() == [0.5] * 8
    assert (every.bit_entropy, every.distinct, every.largest, every.colliding) == (1, 256, 1, 0)
    assert every.code_entropy == pytest.approx(8)
    assert every.correlation == pytest.approx(0, abs=1e-6)
    poor = code_statistics(np.array([[0], [0], [0], [255]], np.uint8))
    assert poor.correlation == pytest.approx(1)
    assert (poor.distinct, poor.largest) == (2, 3)
    assert poor.colliding == pytest.approx(3 * 2 / (4 * 3))
    assert poor.summary()["bit_imbalance"] == pytest.approx(0.25)
    constant = code_statistics(np.zeros((3, 1), np.uint8))
    assert (constant.bit_entropy, constant.code_entropy, constant.correlation) == (0, 0, 1)


def test_class_distances_equal_a_loop() -> None:
    rng = np.random.default_rng(2)
    features, labels = rng.random((30, 5)), rng.integers(0, 4, 30) * 10
    classes = sorted(set(labels.tolist()))
    means = {c: features[labels == c].mean(axis=0) for c in classes}
    within = np.mean([np.mean([((f - means[c]) ** 2).sum() for f in features[labels == c]]) for c in classes])
    between = np.mean([((means[a] - means[b]) ** 2).sum() for a in classes for b in classes if a != b])
    found = class_distances(features, labels)
    assert found["d1"] == pytest.approx(within)
    assert found["d2"] == pytest.approx(between)
    assert found["d1/d2"] == pytest.approx(within / between)

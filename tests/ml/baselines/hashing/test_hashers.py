"""The shallow hashers: properties of their codes, and retrieval of clusters by all of them."""

from __future__ import annotations

import numpy as np
import pytest

from ml.baselines.hashing.hashers import HASHERS, SUPERVISED, Floats
from ml.baselines.hashing.linear import principal_axes
from ml.baselines.hashing.sdh import discrete_codes
from ml.metrics.hashing import counted_average_precision, distance_counts
from ml.models.itq import itq_rotation
from ml.retrieval.packing import pack, unpack
from ml.retrieval.statistics import code_statistics


def clusters(n: int, seed: int, *, dim: int = 20, noise: float = 0.6) -> tuple[Floats, np.ndarray]:
    """Items of eight classes whose means differ in the first six dimensions, plus a strong uninformative dimension."""
    means = np.zeros((8, dim))
    means[:, :6] = np.random.default_rng(5).standard_normal((8, 6)) * 2
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 8, n)
    features = means[labels] + noise * rng.standard_normal((n, dim))
    features[:, -1] += 4 * rng.standard_normal(n)
    return features.astype(np.float32), labels


def mean_average_precision(name: str, n_bits: int, seed: int = 0) -> float:
    X, labels = clusters(600, 0)
    encode = HASHERS[name](X, labels, n_bits, seed)
    queries, of_query = clusters(100, 1)
    gallery, of_gallery = clusters(300, 2)
    counts = distance_counts(pack(encode(queries)), pack(encode(gallery)), of_query, of_gallery)
    return float(counted_average_precision(counts).mean())


@pytest.mark.parametrize("name", HASHERS)
def test_finds_the_class_better_than_chance(name: str) -> None:
    assert mean_average_precision(name, 32) > 0.2  # chance is 1/8


@pytest.mark.parametrize("name", SUPERVISED)
def test_labels_improve_retrieval(name: str) -> None:
    best = max(mean_average_precision(other, 16) for other in HASHERS if other not in SUPERVISED)
    assert mean_average_precision(name, 16) > best


@pytest.mark.parametrize("name", HASHERS)
def test_codes_have_their_length_and_depend_only_on_the_seed(name: str) -> None:
    X, labels = clusters(200, 0)
    codes = [HASHERS[name](X, labels, 24, seed)(X[:50]) for seed in (0, 0, 1)]
    assert codes[0].shape == (50, 24)
    assert codes[0].dtype == np.float32
    assert np.array_equal(codes[0], codes[1])
    if name not in ("pcah", "sh"):
        assert not np.array_equal(codes[0] > 0, codes[2] > 0)


@pytest.mark.parametrize("name", HASHERS)
def test_more_bits_than_dimensions_and_classes(name: str) -> None:
    X, labels = clusters(100, 0, dim=10)
    logits = HASHERS[name](X, labels, 48, 0)(X)
    assert logits.shape == (100, 48)
    assert np.isfinite(logits).all()


def test_principal_axes_equal_those_of_the_svd() -> None:
    X, _ = clusters(300, 0)
    axes, variances = principal_axes(X, 5)
    _, singular, rows = np.linalg.svd(X - X.mean(axis=0), full_matrices=False)
    np.testing.assert_allclose(np.abs(axes.T @ rows[:5].T), np.eye(5), atol=1e-3)
    np.testing.assert_allclose(variances, singular[:5] ** 2 / 299, rtol=1e-4)


def test_itq_rotates_and_lowers_the_quantisation_error() -> None:
    V = clusters(500, 0)[0][:, :8] @ np.random.default_rng(0).standard_normal((8, 8)).astype(np.float32)
    V -= V.mean(axis=0)
    R = itq_rotation(V, 0)
    np.testing.assert_allclose(R @ R.T, np.eye(8), atol=1e-4)

    def error(rows: np.ndarray) -> float:
        return float(np.square(np.sign(rows) - rows).sum())

    assert error(V @ R) < error(V)


def test_density_planes_split_the_data() -> None:
    X, labels = clusters(600, 0)
    codes = pack(HASHERS["dsh-density"](X, labels, 8, 0)(X))
    assert np.abs(code_statistics(codes).balance - 0.5).max() < 0.25


def test_spectral_bits_follow_the_eigenfunctions() -> None:
    """One uniform feature: the bits divide it into halves, then quarters, and so on."""
    X = np.linspace(0, 1, 400, dtype=np.float32)[:, None]
    bits = unpack(pack(HASHERS["sh"](X, np.zeros(400, int), 8, 0)(X)))
    changes = (bits[1:] != bits[:-1]).sum(axis=0)
    assert changes.tolist() == [1, 2, 3, 4, 5, 6, 7, 8]


def test_no_single_bit_change_improves_discrete_codes() -> None:
    rng = np.random.default_rng(0)
    W, Y = rng.standard_normal((8, 3)), rng.standard_normal((30, 3))
    Q, WW = Y @ W.T, W @ W.T

    def cost(B: np.ndarray) -> np.ndarray:
        return np.asarray(((Y - B @ W) ** 2).sum(axis=1))

    start = rng.choice([-1.0, 1.0], (30, 8))
    B = discrete_codes(start, Q, WW)
    assert cost(B).sum() < cost(start).sum()
    for k in range(8):
        flipped = B.copy()
        flipped[:, k] *= -1
        assert (cost(flipped) >= cost(B) - 1e-9).all()

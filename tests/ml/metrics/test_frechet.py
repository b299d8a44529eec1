"""The Fréchet distance of two sets of features."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.linalg import sqrtm

from ml.metrics.frechet import frechet_distance


def drawn(seed: int, shift: float = 0.0) -> NDArray[np.float64]:
    return np.random.default_rng(seed).standard_normal((200, 6)) + shift


def test_it_follows_the_definition() -> None:
    one, other = drawn(0), drawn(1, 0.5) * np.arange(1, 7)
    s, t = np.cov(one.T), np.cov(other.T)
    means = np.square(one.mean(0) - other.mean(0)).sum()
    expected = means + np.trace(s + t - 2 * np.real(sqrtm(s @ t)))
    assert frechet_distance(one, other) == pytest.approx(expected, rel=1e-4)


def test_it_is_0_for_the_same_features_and_grows_with_their_distance() -> None:
    assert frechet_distance(drawn(0), drawn(0)) == pytest.approx(0, abs=1e-9)
    assert frechet_distance(drawn(0), drawn(1)) < frechet_distance(drawn(0), drawn(1, 1.0))


def test_fewer_images_than_features_are_allowed() -> None:
    assert frechet_distance(drawn(0)[:4], drawn(1)[:4]) >= 0

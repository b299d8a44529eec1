from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from ml.retrieval.logistic import Logistic


def data() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    features = rng.normal(size=(300, 3)) * [1, 10, 0.1] + [5, 0, -2]
    right = rng.random(300) < 1 / (1 + np.exp(-(features @ [1, 0.1, -5] - 14)))
    return features, right, rng.uniform(0.1, 2, 300)


@pytest.mark.parametrize("ridge", [0.1, 30.0])
def test_the_fit_is_that_of_scikit_learn(ridge: float) -> None:
    features, right, weights = data()
    found = Logistic.fit(features, right, weights, ridge)
    mean = np.average(features, axis=0, weights=weights)
    scale = np.sqrt(np.average((features - mean) ** 2, axis=0, weights=weights))
    theirs = LogisticRegression(C=1 / ridge, tol=1e-10, max_iter=1000)
    theirs.fit((features - mean) / scale, right, sample_weight=weights)
    expected = theirs.predict_proba((features - mean) / scale)[:, 1]
    assert found.probabilities(features) == pytest.approx(expected, abs=1e-4)


def test_a_constant_feature_and_a_single_answer_do_no_harm() -> None:
    features, right, weights = data()
    features[:, 1] = 3.0
    found = Logistic.fit(features, right, weights, 0.1)
    assert found.weights[1] == pytest.approx(0)
    never = Logistic.fit(features, np.zeros(len(right), bool), weights, 0.1).probabilities(features)
    assert np.isfinite(never).all()
    assert never.max() < 0.01

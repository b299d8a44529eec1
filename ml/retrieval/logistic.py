"""Logistic regression of few features, with a ridge: P(right | x) = 1 / (1 + exp(-(b + w . x)))."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_MAX_STEPS = 50
_SAME = 1e-9  # largest change of a coefficient at the optimum


@dataclass(frozen=True, eq=False)
class Logistic:
    """weights: (F,), in units of the features. intercept: b."""

    weights: Floats
    intercept: float

    def probabilities(self, features: Floats) -> Floats:
        """Return the probability of each row of features (n, F), (n,)."""
        return np.asarray(_sigmoid(features @ self.weights + self.intercept))

    @classmethod
    def fit(
        cls, features: Floats, right: NDArray[np.bool_], sample_weights: Floats, ridge: float
    ) -> Logistic:
        """Fit by Newton's method to rows (n, F), whether each is right (n,), and what each weighs (n,).

        ridge: of the weights of standardised features; the intercept is free. Deterministic.
        """
        total = sample_weights.sum()
        mean = sample_weights @ features / total
        scale = np.sqrt(sample_weights @ (features - mean) ** 2 / total)
        scale[scale < 1e-9] = 1.0  # a feature that is constant here tells nothing
        design = np.column_stack([(features - mean) / scale, np.ones(len(features))])
        penalty = np.diag([*np.full(features.shape[1], ridge), 1e-6])
        found = np.zeros(len(penalty))
        for _ in range(_MAX_STEPS):
            expected = _sigmoid(design @ found)
            slope = design.T @ (sample_weights * (right - expected)) - penalty @ found
            curvature = (design * (sample_weights * expected * (1 - expected))[:, None]).T @ design + penalty
            step = np.linalg.solve(curvature, slope)
            found += step
            if np.abs(step).max() < _SAME:
                break
        weights = found[:-1] / scale
        return cls(weights, float(found[-1] - weights @ mean))


def _sigmoid(x: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(x, -30, 30))))

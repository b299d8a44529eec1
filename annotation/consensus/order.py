"""The order of one sketch's candidates after some of its votes, and how sure it is. Uses NumPy alone.

    logit P(i is chosen over j) = strength_i - strength_j

Strengths have a Gaussian prior; their posterior is approximated by a Gaussian at its mode (Laplace). So pairs that were
never compared are ordered, too, through the candidates that both were compared with, each with the risk that its order is
wrong. Unlike `annotation.consensus.bradley_terry`, workers are not told apart: a few votes on one sketch say nothing
about a worker.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import erfc, sqrt

import numpy as np

from annotation.consensus.votes import Floats

PRECISION = 0.25  # 1 / variance of a strength before any vote
_TOLERANCE, _MAX_STEPS = 1e-9, 100
_chance_above = np.frompyfunc(lambda z: erfc(z / sqrt(2)) / 2, 1, 1)


@dataclass(frozen=True, slots=True)
class Order:
    """strengths: (K,), mean 0. risk: (K, K) the probability that a pair's order by strength is wrong, at most 0.5."""

    strengths: Floats
    risk: Floats


def order_of(wins: Floats, *, precision: float = PRECISION) -> Order:
    """Return the order of K candidates; wins: (K, K), the votes that chose the row's candidate over the column's.

    precision: of the prior, above 0.
    """
    k = len(wins)
    strengths = np.zeros(k)
    n = wins + wins.T
    reached = _log_posterior(strengths, wins, precision)
    hessian = np.eye(k) * precision
    for _ in range(_MAX_STEPS):
        chance = _chance(strengths)
        weight = n * chance * (1 - chance)
        hessian = np.diag(weight.sum(axis=1) + precision) - weight
        step = np.linalg.solve(hessian, (wins - n * chance).sum(axis=1) - precision * strengths)
        if np.abs(step).max() < _TOLERANCE:
            break
        while (now := _log_posterior(strengths + step, wins, precision)) < reached - 1e-12 * abs(reached):
            step = step / 2
        strengths, reached = strengths + step, now
    covariance = np.linalg.inv(hessian)
    variance = np.diag(covariance)[:, None] + np.diag(covariance) - 2 * covariance
    gap = np.abs(strengths[:, None] - strengths)
    risk = np.asarray(_chance_above(gap / np.sqrt(np.maximum(variance, 1e-12))), dtype=np.float64)
    return Order(strengths - strengths.mean(), risk)


def _chance(strengths: Floats) -> Floats:
    """Return the chance that a voter chooses the row's candidate over the column's, (K, K)."""
    return np.asarray(0.5 + 0.5 * np.tanh((strengths[:, None] - strengths) / 2))


def _log_posterior(strengths: Floats, wins: Floats, precision: float) -> float:
    lost = np.logaddexp(0, strengths - strengths[:, None])  # -log of the row's chance
    return float(-(wins * lost).sum() - precision * (strengths**2).sum() / 2)

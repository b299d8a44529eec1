"""Bradley-Terry strengths of each sketch's candidates, with every worker's skill and left bias.

    logit P(worker w chooses left) = skill_w * (strength_left - strength_right) + left_bias_w

A skill of 0 means random answers; a negative skill, opposite ones. Source: R. A. Bradley, M. E. Terry, Biometrika 39
(1952); the side is modelled like the home field in A. Agresti, Categorical Data Analysis (2002), section 10.6; the
skill scales the difference like the discrimination in item response theory. Gaussian priors keep workers with few
votes near the typical worker (skill 1, bias 0), and the strengths of sketches with few votes nearly equal.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotation.consensus.votes import Floats, Ints


@dataclass(frozen=True, slots=True)
class Priors:
    """Precisions (1 / variance) of the priors; 0 means no prior, 1e12 fixes the value at its mean."""

    strength: float = 0.25
    skill: float = 4.0
    left_bias: float = 4.0


@dataclass(frozen=True, slots=True)
class BradleyTerry:
    """strengths: (S, K), mean 0 over each sketch; skill, left_bias: (W,)."""

    strengths: Floats
    skill: Floats
    left_bias: Floats


def bradley_terry(
    sketch: Ints,
    left: Ints,
    right: Ints,
    worker: Ints,
    chose_left: NDArray[np.bool_],
    *,
    n_candidates: int,
    priors: Priors = Priors(),
    tolerance: float = 1e-9,
    max_iterations: int = 1000,
) -> BradleyTerry:
    """Return the most probable strengths, skills and biases given V decisive votes.

    sketch, worker: (V,), numbered from 0 without gaps; left, right: (V,) positions of the photos among the sketch's
    `n_candidates`. Alternates Newton steps for sketches and for workers, halving each step until the posterior grows,
    and stops when no step changes a value by more than `tolerance`.
    """
    n_sketches, n_workers, k = int(sketch.max()) + 1, int(worker.max()) + 1, n_candidates
    strengths = np.zeros((n_sketches, k))
    people = np.tile([1.0, 0.0], (n_workers, 1))  # (W, 2): skill, left bias
    sign = np.where(chose_left, 1.0, -1.0)
    typical, precision = np.array([1.0, 0.0]), np.array([priors.skill, priors.left_bias])

    def gap(strengths: Floats) -> Floats:
        return np.asarray(strengths[sketch, left] - strengths[sketch, right])

    def log_posterior(strengths: Floats, people: Floats) -> float:
        logit = people[worker, 0] * gap(strengths) + people[worker, 1]
        penalty = priors.strength * (strengths**2).sum() + (precision * (people - typical) ** 2).sum()
        return float(-np.logaddexp(0, -sign * logit).sum() - penalty / 2)

    def strengths_step() -> Floats:
        skill = people[worker, 0]
        slope, weight = _logistic(skill * gap(strengths) + people[worker, 1], chose_left)
        slope, weight = slope * skill, weight * skill**2
        rows, columns = sketch * k + left, sketch * k + right
        gradient = np.bincount(rows, slope, n_sketches * k) - np.bincount(columns, slope, n_sketches * k)
        hessian = np.zeros((n_sketches, k, k))
        for first, second, way in ((left, left, 1), (right, right, 1), (left, right, -1), (right, left, -1)):
            cell = (sketch * k + first) * k + second
            hessian += way * np.bincount(cell, weight, hessian.size).reshape(hessian.shape)
        hessian += (priors.strength + 1e-9) * np.eye(k)  # without a prior the mean is free
        step = gradient.reshape(n_sketches, k) - priors.strength * strengths
        return np.asarray(np.linalg.solve(hessian, step[..., None])[..., 0])

    def people_step() -> Floats:
        inputs = np.stack([gap(strengths), np.ones(len(worker))], axis=1)  # (V, 2)
        slope, weight = _logistic((people[worker] * inputs).sum(axis=1), chose_left)
        gradient = -precision * (people - typical)
        hessian = np.tile(np.diag(precision + 1e-12), (n_workers, 1, 1))
        for i in range(2):
            gradient[:, i] += np.bincount(worker, slope * inputs[:, i], n_workers)
            for j in range(2):
                hessian[:, i, j] += np.bincount(worker, weight * inputs[:, i] * inputs[:, j], n_workers)
        return np.asarray(np.linalg.solve(hessian, gradient[..., None])[..., 0])

    reached = log_posterior(strengths, people)
    for _ in range(max_iterations):
        moved = 0.0
        for values, step_of in ((strengths, strengths_step), (people, people_step)):
            step, before = step_of(), values.copy()
            while True:
                values[...] = before + step
                now = log_posterior(strengths, people)
                if now >= reached - 1e-9 * abs(reached) or np.abs(step).max() < tolerance:
                    break
                step = step / 2
            reached, moved = now, max(moved, float(np.abs(step).max()))
        if moved < tolerance:
            break
    strengths -= strengths.mean(axis=1, keepdims=True)
    return BradleyTerry(strengths, people[:, 0], people[:, 1])


def _logistic(logit: Floats, chose: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Return the first and the negated second derivative of the log-likelihood by the logit, (V,) each."""
    chance = np.where(logit >= 0, 1.0, np.exp(-np.abs(logit))) / (1 + np.exp(-np.abs(logit)))
    return chose - chance, chance * (1 - chance)

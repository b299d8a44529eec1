"""Dawid and Skene's estimate of true classes and of each observer's errors, by EM.

Source: A. P. Dawid, A. M. Skene, "Maximum Likelihood Estimation of Observer Error-Rates Using the EM Algorithm",
Applied Statistics 28 (1979), equations 2.3 to 2.5. Not in the paper: `pseudo_count`, without which a worker with few
votes gets error rates of exactly 0 and then overrules everyone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotation.consensus.votes import Floats, Ints

TINY = 1e-300  # keeps the logarithm of an error rate of 0 finite


@dataclass(frozen=True, slots=True)
class DawidSkene:
    """posterior: (T, K) probability of each class; prevalence: (K,); errors: (W, K, K), rows are true classes."""

    posterior: Floats
    prevalence: Floats
    errors: Floats
    log_likelihood: float


def dawid_skene(
    task: Ints,
    worker: Ints,
    label: NDArray[np.integer],
    *,
    n_classes: int = 2,
    pseudo_count: float = 0.0,
    tolerance: float = 1e-9,
    max_iterations: int = 5000,
) -> DawidSkene:
    """Return the posterior of T tasks given V votes of W workers.

    task, worker, label: (V,), numbered from 0 without gaps; label below `n_classes`. pseudo_count: added to each
    worker's confusion matrix, `2 * pseudo_count` on the diagonal and `pseudo_count` spread over the wrong classes of
    each row. Starts from the share of each label; stops when no posterior changes by more than `tolerance`.
    """
    n_tasks, n_workers = int(task.max()) + 1, int(worker.max()) + 1
    cell = (worker * n_classes + label).astype(np.int64)  # what was seen, (V,)
    prior = np.full((n_classes, n_classes), pseudo_count / max(1, n_classes - 1))
    np.fill_diagonal(prior, 2 * pseudo_count)

    posterior = np.zeros((n_tasks, n_classes))
    np.add.at(posterior, (task, label), 1.0)
    posterior /= posterior.sum(axis=1, keepdims=True)
    for _ in range(max_iterations):
        prevalence = posterior.mean(axis=0)
        seen = np.stack(
            [np.bincount(cell, posterior[task, true], n_workers * n_classes) for true in range(n_classes)]
        )  # (K true, W * K seen)
        errors = seen.reshape(n_classes, n_workers, n_classes).transpose(1, 0, 2) + prior  # (W, K, K)
        errors /= np.maximum(errors.sum(axis=2, keepdims=True), TINY)

        log_rate = np.log(np.maximum(errors, TINY))[worker, :, label]  # (V, K)
        log_joint = np.stack(
            [np.bincount(task, log_rate[:, true], n_tasks) for true in range(n_classes)], axis=1
        ) + np.log(np.maximum(prevalence, TINY))
        top = log_joint.max(axis=1, keepdims=True)
        joint = np.exp(log_joint - top)
        total = joint.sum(axis=1, keepdims=True)
        moved = np.abs(joint / total - posterior).max()
        posterior = joint / total
        if moved <= tolerance:
            break
    log_likelihood = float((np.log(total) + top).sum())
    return DawidSkene(posterior, prevalence, errors, log_likelihood)

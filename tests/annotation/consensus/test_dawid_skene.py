"""Dawid-Skene against the paper's example and against EM written with loops."""

import math

import numpy as np

from annotation.consensus.dawid_skene import dawid_skene
from tests.annotation.consensus.anaesthetists import ERRORS, IN_DOUBT, LOG_LIKELIHOOD, PREVALENCE, long_form


def test_reproduces_the_tables_of_the_paper() -> None:
    patient, observer, answer = long_form()
    fit = dawid_skene(patient, observer, answer, n_classes=4)
    assert np.abs(fit.prevalence - PREVALENCE).max() < 0.005
    assert np.abs(fit.errors - np.array(ERRORS)).max() < 0.0051  # as rounded in print
    assert abs(fit.log_likelihood - LOG_LIKELIHOOD) < 1e-5
    for number, (true, probability) in IN_DOUBT.items():
        assert abs(fit.posterior[number - 1, true - 1] - probability) < 0.001


def test_equals_em_written_out_with_loops() -> None:
    patient, observer, answer = long_form()
    fit = dawid_skene(patient, observer, answer, n_classes=4)
    posterior, log_likelihood = naive(patient, observer, answer, 4, 0.0)
    assert np.abs(fit.posterior - posterior).max() < 1e-6
    assert abs(fit.log_likelihood - log_likelihood) < 1e-6


def test_equals_the_loops_with_pseudo_counts_and_gaps() -> None:
    task, worker, label, _ = crowd(seed=3, n_tasks=60, votes=3, skills=[0.9] * 6 + [0.5] * 3)
    fit = dawid_skene(task, worker, label, pseudo_count=1.0)
    posterior, log_likelihood = naive(task, worker, label, 2, 1.0)
    assert np.abs(fit.posterior - posterior).max() < 1e-6
    assert abs(fit.log_likelihood - log_likelihood) < 1e-6


def test_random_workers_are_found_and_overruled() -> None:
    skills = [0.92] * 7 + [0.5] * 5
    task, worker, label, truth = crowd(seed=1, n_tasks=800, votes=5, skills=skills)
    fit = dawid_skene(task, worker, label, pseudo_count=1.0)
    right = np.array([np.diag(errors).mean() for errors in fit.errors])
    assert right[:7].min() > 0.85
    assert right[7:].max() < 0.62
    for_one = np.bincount(task, label, len(truth)) / np.bincount(task, minlength=len(truth)) > 0.5
    assert (fit.posterior.argmax(axis=1) == truth).mean() > (for_one == truth).mean() + 0.02


def test_a_worker_with_one_vote_does_not_overrule_two_others() -> None:
    task, worker, label, _ = crowd(seed=5, n_tasks=200, votes=2, skills=[0.9, 0.9])
    said = label.reshape(-1, 2)
    agreed = int(np.flatnonzero(said[:, 0] == said[:, 1])[0])
    task, worker = np.append(task, agreed), np.append(worker, 2)
    fit = dawid_skene(task, worker, np.append(label, 1 - said[agreed, 0]), pseudo_count=1.0)
    assert fit.posterior[agreed].argmax() == said[agreed, 0]


def crowd(
    seed: int, n_tasks: int, votes: int, skills: list[float]
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return task, worker, label (V,) and the truth (T,): each task judged by `votes` workers drawn at random."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 2, n_tasks)
    task = np.repeat(np.arange(n_tasks), votes)
    worker = np.concatenate([rng.permutation(len(skills))[:votes] for _ in range(n_tasks)])
    right = rng.random(len(task)) < np.array(skills)[worker]
    return task, worker, np.where(right, truth[task], 1 - truth[task]), truth


def naive(
    task: np.ndarray, worker: np.ndarray, label: np.ndarray, k: int, pseudo_count: float
) -> tuple[np.ndarray, float]:
    """Compute the paper's equations with loops over scalars."""
    n_tasks, n_workers = max(task) + 1, max(worker) + 1
    n = np.zeros((n_workers, n_tasks, k))
    for i, w, seen in zip(task, worker, label, strict=True):
        n[w, i, seen] += 1
    posterior = [[n[:, i, j].sum() / n[:, i].sum() for j in range(k)] for i in range(n_tasks)]
    for _ in range(3000):
        share = [sum(row[j] for row in posterior) / n_tasks for j in range(k)]
        rate = np.zeros((n_workers, k, k))
        for w in range(n_workers):
            for j in range(k):
                row = [
                    sum(posterior[i][j] * n[w, i, seen] for i in range(n_tasks))
                    + (2 * pseudo_count if seen == j else pseudo_count / (k - 1))
                    for seen in range(k)
                ]
                rate[w, j] = [value / sum(row) if sum(row) else 0.0 for value in row]
        before, log_likelihood = posterior, 0.0
        posterior = []
        for i in range(n_tasks):
            joint = [
                share[j]
                * math.prod(rate[w, j, seen] ** n[w, i, seen] for w in range(n_workers) for seen in range(k))
                for j in range(k)
            ]
            log_likelihood += math.log(sum(joint))
            posterior.append([value / sum(joint) for value in joint])
        if np.abs(np.array(posterior) - before).max() < 1e-9:
            break
    return np.array(posterior), log_likelihood

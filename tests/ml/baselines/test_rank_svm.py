"""RankSVM against scikit-learn's linear SVM on the differences, and on satisfiable votes."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.svm import LinearSVC

from ml.baselines.rank_svm import (
    FORMS,
    PairForm,
    RankingProblem,
    pair_features,
    train_rank_svm,
    uniform_weight,
)


@pytest.fixture
def problem() -> RankingProblem:
    rng = np.random.default_rng(0)
    sketches, photos = rng.random((6, 5), dtype=np.float32), rng.random((8, 5), dtype=np.float32)
    triplets = np.column_stack(
        [rng.integers(0, 6, 40), *rng.permuted(np.tile(np.arange(8), (40, 1)), axis=1).T[:2]]
    )
    return RankingProblem.of(sketches, photos, np.concatenate([triplets, triplets[:10]]), "absolute")


def test_the_shift_equals_a_linear_svm_on_the_differences() -> None:
    """Where uniform weights rank no pair, they get almost no weight, and the classic RankSVM remains."""
    rng = np.random.default_rng(0)
    sketches = np.zeros((1, 5), dtype=np.float32)
    photos = rng.permuted(np.tile(np.arange(1, 6, dtype=np.float32), (12, 1)), axis=1)  # equal sums
    triplets = np.column_stack(
        [np.zeros(40, int), *rng.permuted(np.tile(np.arange(12), (40, 1)), axis=1).T[:2]]
    )
    problem = RankingProblem.of(sketches, photos, triplets, "absolute")
    C = 20.0
    scale = np.sqrt(np.square(problem.pairs).sum(axis=1).mean())
    differences = (problem.pairs[problem.farther] - problem.pairs[problem.nearer]) / scale
    sides = np.where(np.arange(len(differences)) % 2, 1, -1)  # two classes, as the classifier requires
    svm = LinearSVC(C=C, loss="squared_hinge", fit_intercept=False, tol=1e-8, max_iter=100_000)
    svm.fit(differences * sides[:, None], sides, sample_weight=problem.times / problem.times.sum())
    weights = train_rank_svm(problem, C, iterations=1000) * scale
    assert weights - weights.mean() == pytest.approx(svm.coef_[0] - svm.coef_[0].mean(), abs=2e-3)


def test_without_votes_that_count_the_features_own_distance_remains(problem: RankingProblem) -> None:
    uniform = train_rank_svm(problem, 0.0)
    assert np.ptp(uniform) == 0
    assert uniform[0] > 0
    shifts = [np.abs(train_rank_svm(problem, C) - uniform).max() for C in (0.01, 1.0, 100.0)]
    assert shifts == sorted(shifts)
    assert shifts[0] < 0.01 * uniform[0]


def test_uniform_weights_have_the_magnitude_of_least_loss(problem: RankingProblem) -> None:
    sums = problem.pairs.sum(axis=1)
    gaps = sums[problem.farther] - sums[problem.nearer]
    share = problem.times / problem.times.sum()

    def loss(weight: float) -> float:
        return float(share @ np.square(np.maximum(0, 1 - weight * gaps)))

    tried = np.linspace(0, 5, 2001)
    best = tried[np.argmin([loss(weight) for weight in tried])]
    assert uniform_weight(problem, 1.0) == pytest.approx(max(best, 0), abs=5e-3)


def test_a_pair_is_kept_once_and_repeated_votes_are_counted(problem: RankingProblem) -> None:
    assert len(problem.pairs) <= 6 * 8
    assert len(np.unique(problem.pairs, axis=0)) == len(problem.pairs)
    assert problem.times.sum() == 50
    assert len(problem.times) < 50


@pytest.mark.parametrize("form", FORMS)
def test_a_hidden_weighting_is_recovered_from_votes(form: PairForm) -> None:
    rng = np.random.default_rng(1)
    sketches, photos = rng.random((20, 4), dtype=np.float32), rng.random((30, 4), dtype=np.float32)
    distance = pair_features(sketches[:, None], photos, form) @ np.array([3.0, 0.0, 1.0, 0.0])
    rows = np.column_stack([rng.integers(0, 20, 600), rng.integers(0, 30, 600), rng.integers(0, 30, 600)])
    nearer = distance[rows[:, 0], rows[:, 1]] < distance[rows[:, 0], rows[:, 2]]
    triplets = np.where(nearer[:, None], rows, rows[:, [0, 2, 1]])
    weights = train_rank_svm(RankingProblem.of(sketches, photos, triplets, form), 1000.0)
    learned = pair_features(sketches[:, None], photos, form) @ weights
    right = learned[triplets[:, 0], triplets[:, 1]] <= learned[triplets[:, 0], triplets[:, 2]]
    assert right.mean() > 0.97

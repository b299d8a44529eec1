"""RankSVM over any features: choose C and the pair's form by cross-validation, then train on train and validation."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.baselines.rank_svm import FORMS, PairForm, RankingProblem, train_rank_svm
from ml.baselines.scorers import Features, RankSvmScorer, remembered
from ml.datasets.pairs import PairDataset
from ml.errors import DatasetError
from ml.metrics.ranking import expected_ranks

CS = (0.0, 10.0, 100.0, 1000.0)
FOLDS, SEED = 5, 0
Rows = NDArray[np.intp]


@dataclass(frozen=True)
class Choice:
    """The chosen C and pair form, and their mean reciprocal rank in cross-validation.

    C = 0 keeps uniform weights. uniform_score: mean reciprocal rank of uniform weights, with the form that suits them.
    """

    C: float
    form: PairForm
    validation_score: float
    uniform_score: float


def fit_ranked(features: Features, dataset: PairDataset) -> tuple[RankSvmScorer, Choice]:
    """Train with the choice that ranks held-out photos best, and return the scorer and the choice.

    Train and validation are divided into five folds by photo: the validation split alone has too few sketches to choose
    by. Raises DatasetError if the dataset has no triplets or no sketches of distinct photos.
    """
    triplets = dataset.triplets_among("train", "val")
    held_out = folds(dataset)
    if not len(triplets) or len(held_out) < 2:
        raise DatasetError(
            "--root", f"RankSVM learns from human triplets; this {dataset.format} dataset has none"
        )
    features = remembered(features)
    scores = {
        (C, form): np.concatenate(
            [_reciprocal_ranks(features, dataset, triplets, fold, C, form) for fold in held_out]
        ).mean()
        for form in FORMS
        for C in CS
    }
    C, form = max(scores, key=lambda choice: (float(scores[choice]), -choice[0]))
    uniform = max(float(scores[0.0, form]) for form in FORMS)
    scorer = RankSvmScorer(features, train_rank_svm(_problem(features, dataset, triplets, form), C), form)
    return scorer, Choice(C, form, float(scores[C, form]), uniform)


def folds(dataset: PairDataset) -> list[Rows]:
    """Return the sketches of train and validation in folds (n,), all sketches of a photo in the same."""
    sketches = dataset.sketch_rows("train", "val")
    photos = np.unique(dataset.true_photos[sketches])
    order = np.random.default_rng(SEED).permutation(photos)
    parts = [order[start::FOLDS] for start in range(min(FOLDS, len(order)))]
    return [sketches[np.isin(dataset.true_photos[sketches], part)] for part in parts]


def _reciprocal_ranks(
    features: Features,
    dataset: PairDataset,
    triplets: NDArray[np.int32],
    fold: Rows,
    C: float,
    form: PairForm,
) -> NDArray[np.float64]:
    """Return the reciprocal ranks of a fold's sketches among its photos, learned from triplets without any of them."""
    photos = np.unique(dataset.true_photos[fold])
    seen = ~np.isin(triplets[:, 0], fold) & ~np.isin(triplets[:, 1:], photos).any(axis=1)
    if seen.any():
        weights = train_rank_svm(_problem(features, dataset, triplets[seen], form), C)
    else:
        weights = np.ones(features(dataset, "sketch", fold).shape[1], dtype=np.float32)
    true = np.searchsorted(photos, dataset.true_photos[fold])
    distances = RankSvmScorer(features, weights, form).distances(dataset, fold, photos)
    return 1 / expected_ranks(distances, true)


def _problem(
    features: Features, dataset: PairDataset, triplets: NDArray[np.int32], form: PairForm
) -> RankingProblem:
    sketches, sketch = np.unique(triplets[:, 0], return_inverse=True)
    photos, photo = np.unique(triplets[:, 1:], return_inverse=True)
    return RankingProblem.of(
        features(dataset, "sketch", sketches.astype(np.intp)),
        features(dataset, "edge", photos.astype(np.intp)),
        np.column_stack([sketch, photo.reshape(-1, 2)]),
        form,
    )

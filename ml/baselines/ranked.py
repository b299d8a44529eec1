"""RankSVM over any features: choose C and the pair's form on validation, then train on train and validation."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.baselines.rank_svm import FORMS, PairForm, RankingProblem, train_rank_svm
from ml.baselines.scorers import Features, RankSvmScorer, remembered
from ml.datasets.pairs import PairDataset
from ml.errors import DatasetError
from ml.protocols.pairs import measure

CS = (1.0, 10.0, 100.0, 1000.0)


@dataclass(frozen=True)
class Choice:
    """The C and pair form chosen on validation, and their mean reciprocal rank there."""

    C: float
    form: PairForm
    validation_score: float


def fit_ranked(features: Features, dataset: PairDataset) -> tuple[RankSvmScorer, Choice]:
    """Train with the choice that ranks the photos of validation sketches best, and return the scorer and the choice.

    Raises DatasetError if the dataset has no triplets or no validation sketches.
    """
    fitting = dataset.triplets_among("train")
    if not len(fitting) or not len(dataset.sketch_rows("val")):
        raise DatasetError(
            "--root", f"RankSVM learns from human triplets; this {dataset.format} dataset has none"
        )
    features = remembered(features)
    choices = []
    for form in FORMS:
        problem = _problem(features, dataset, fitting, form)
        for C in CS:
            scorer = RankSvmScorer(features, train_rank_svm(problem, C), form)
            choices.append(Choice(C, form, measure(scorer, dataset, split="val").metrics["mAP"]["value"]))
    best = max(choices, key=lambda choice: choice.validation_score)
    final = _problem(features, dataset, dataset.triplets_among("train", "val"), best.form)
    return RankSvmScorer(features, train_rank_svm(final, best.C), best.form), best


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

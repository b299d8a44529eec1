"""The protocol for datasets of sketch-photo pairs: what is ranked, against what, and which metrics follow.

Queries are the split's sketches; the gallery is the split's photos, or all photos.

acc@k, ranks      instance level: the photo that the sketch was drawn from, among the gallery's photos of its category
acc@k_all         the same among the photos of all categories; only where there are several
%corr             share of the split's human triplets in which the sketch lies nearer to the photo that people chose
mAP, precision@k  category level over the whole gallery where there are several categories; with one category, mAP has a
                  single relevant photo, the true one, and is the mean reciprocal rank

All are shares between 0 and 1 with a 95 % bootstrap interval over queries, and the expectation over the orders of ties
(`ml.evaluation.metrics`).
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ml.contracts.split import Split
from ml.datasets.pairs import PairDataset
from ml.errors import DatasetError
from ml.evaluation.metrics import (
    accuracy_at,
    average_precision,
    correct_triplets,
    expected_ranks,
    precision_at,
    summary,
)
from ml.evaluation.scorer import Distances, Rows, Scorer

Gallery = Literal["split", "all"]
GALLERIES: tuple[Gallery, ...] = ("split", "all")
ACCURACY_AT = (1, 5, 10)
PRECISION_AT = (100, 200)


@dataclass(frozen=True)
class Measurement:
    """One scorer on one split.

    split, gallery: as asked for. metrics: as the command line prints them. sketch_rows (Q,), photo_rows (G,): what was
    ranked. true: (Q,) gallery column of the true photo. distances: (Q, G) within the sketch's category, infinite
    outside. ranks: (Q,) 1-based expected rank of the true photo within its category. ties: (Q,) other photos at the
    same distance as it. correct: (T,) of each judged triplet, whether it agrees; judged: (T,) the query of each.
    """

    split: Split
    gallery: Gallery
    metrics: dict[str, Any]
    sketch_rows: Rows
    photo_rows: Rows
    true: Rows
    distances: Distances
    ranks: NDArray[np.float64]
    ties: NDArray[np.intp]
    correct: NDArray[np.float64]
    judged: NDArray[np.intp]


def measure(
    scorer: Scorer, dataset: PairDataset, *, split: Split = "test", gallery: Gallery = "split"
) -> Measurement:
    """Every metric that the dataset allows. Raises DatasetError where a split has no sketch with its photo to find."""
    photos = dataset.photo_rows() if gallery == "all" else dataset.photo_rows(split)
    sketches = dataset.sketch_rows(split)
    sketches = sketches[np.isin(dataset.true_photos[sketches], photos)]
    if not len(sketches):
        raise DatasetError("--split", f"{split} of {dataset.format} has no sketch whose photo could be found")
    triplets = dataset.triplets[split]
    triplets = triplets[np.isin(triplets[:, 0], sketches)]
    scored = np.union1d(photos, triplets[:, 1:])  # people may have judged photos of another split, too
    distances = np.asarray(scorer.distances(dataset, sketches, scored), dtype=np.float32)
    _check(distances, (len(sketches), len(scored)))
    correct, judged = _correct(triplets, sketches, scored, distances)
    distances = distances[:, np.isin(scored, photos)]

    true = np.searchsorted(photos, dataset.true_photos[sketches])
    same = _categories(dataset, sketches, photos)
    within = np.where(same, distances, np.float32(np.inf))
    several = not same.all()
    metrics: dict[str, Any] = {f"acc@{k}": summary(accuracy_at(within, true, k)) for k in ACCURACY_AT}
    if len(triplets):
        metrics |= {"%corr": summary(correct, judged), "n_triplets": len(triplets)}
    if several:
        metrics |= {f"acc@{k}_all": summary(accuracy_at(distances, true, k)) for k in ACCURACY_AT}
        metrics["mAP"] = summary(average_precision(distances, same))
        metrics |= {f"precision@{k}": summary(precision_at(distances, same, k)) for k in PRECISION_AT}
    else:
        metrics["mAP"] = summary(average_precision(distances, np.arange(len(photos)) == true[:, None]))
    metrics |= {"n_queries": len(sketches), "n_gallery": len(photos)}
    ties = (within == np.take_along_axis(within, true[:, None], axis=1)).sum(axis=1) - 1
    return Measurement(
        split=split,
        gallery=gallery,
        metrics=metrics,
        sketch_rows=sketches,
        photo_rows=photos,
        true=true,
        distances=within,
        ranks=expected_ranks(within, true),
        ties=ties,
        correct=correct,
        judged=judged,
    )


def _check(distances: Distances, shape: tuple[int, int]) -> None:
    """A scorer's mistake, not a user's: these are programming errors."""
    if distances.shape != shape:
        raise ValueError(f"the scorer gave distances of shape {distances.shape}, not {shape}")
    if not np.isfinite(distances).all():
        raise ValueError("the scorer gave distances that are not finite")


def _categories(dataset: PairDataset, sketches: Rows, photos: Rows) -> NDArray[np.bool_]:
    """Whether sketch and photo are of one category, (Q, G)."""
    drawn = np.array([dataset.sketches[row].category for row in sketches], dtype=object)
    shown = np.array([dataset.photos[row].category for row in photos], dtype=object)
    return np.asarray(drawn[:, None] == shown, dtype=bool)


def _correct(
    triplets: NDArray[np.int32], sketches: Rows, photos: Rows, distances: Distances
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Whether each triplet (T, 3) agrees, and its query; sketches, photos: the sorted rows of `distances`."""
    sketch = np.searchsorted(sketches, triplets[:, 0])
    positive, negative = np.searchsorted(photos, triplets[:, 1:]).T
    return correct_triplets(distances[sketch, positive], distances[sketch, negative]), sketch

"""The evaluation protocol for datasets of sketch-photo pairs: queries, gallery and metrics.

Queries are the split's sketches; the gallery is the split's photos, or all photos.

acc@k, ranks      instance level: the photo that the sketch was drawn from, among the gallery's photos of its category
acc@k_all         the same among the photos of all categories, if there are several
%corr             share of the split's human triplets in which the sketch is nearer to the photo that people chose
mAP, precision@k  category level over the whole gallery if there are several categories; with one category, the true
                  photo is the only relevant one, and mAP is the mean reciprocal rank

All are shares from 0 to 1 with a 95 % bootstrap interval over queries, and expectations over the orders of ties
(`ml.metrics.ranking`).
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ml.contracts.split import Split
from ml.datasets.pairs import PairDataset
from ml.errors import DatasetError
from ml.metrics.ranking import (
    accuracy_at,
    average_precision,
    correct_triplets,
    expected_ranks,
    precision_at,
    summary,
)
from ml.protocols.scorer import Distances, Rows, Scorer

Gallery = Literal["split", "all", "apart"]  # the last one for hash codes only
GALLERIES: tuple[Gallery, ...] = ("split", "all", "apart")
ACCURACY_AT = (1, 5, 10)
PRECISION_AT = (100, 200)


@dataclass(frozen=True)
class Measurement:
    """The measurement of one scorer on one split.

    metrics: as the command line prints them. sketch_rows: (Q,) queries. photo_rows: (G,) gallery. true: (Q,) gallery
    column of the true photo. distances: float32 (Q, G) within the sketch's category, infinite outside. ranks: (Q,)
    1-based expected rank of the true photo within its category. ties: (Q,) other photos at the same distance. correct:
    (T,) for each judged triplet, 1 if it agrees, 1/2 on a tie. judged: (T,) the query of each.
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
    """Compute every metric that the dataset allows.

    Raises DatasetError if no sketch of the split has its photo in the gallery, or if that is `apart`, ValueError if the
    scorer's distances are not finite or have another shape.
    """
    if gallery == "apart":
        raise DatasetError("--gallery", "apart is for drawings that search drawings; these search photos")
    photos = dataset.photo_rows() if gallery == "all" else dataset.photo_rows(split)
    sketches = dataset.sketch_rows(split)
    sketches = sketches[np.isin(dataset.true_photos[sketches], photos)]
    if not len(sketches):
        raise DatasetError(
            "--split", f"{split} of {dataset.format} has no sketch whose photo is in the gallery"
        )
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
    """Check a scorer's distances. Errors are bugs of the scorer, not bad input."""
    if distances.shape != shape:
        raise ValueError(f"the scorer returned distances of shape {distances.shape}, expected {shape}")
    if not np.isfinite(distances).all():
        raise ValueError("the scorer returned distances that are not finite")


def _categories(dataset: PairDataset, sketches: Rows, photos: Rows) -> NDArray[np.bool_]:
    """Return whether sketch and photo have the same category, bool (Q, G)."""
    drawn = np.array([dataset.sketches[row].category for row in sketches], dtype=object)
    shown = np.array([dataset.photos[row].category for row in photos], dtype=object)
    return np.asarray(drawn[:, None] == shown, dtype=bool)


def _correct(
    triplets: NDArray[np.int32], sketches: Rows, photos: Rows, distances: Distances
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Return whether each triplet (T, 3) agrees, and its query. sketches, photos: the sorted rows of `distances`."""
    sketch = np.searchsorted(sketches, triplets[:, 0])
    positive, negative = np.searchsorted(photos, triplets[:, 1:]).T
    return correct_triplets(distances[sketch, positive], distances[sketch, negative]), sketch

"""Sources of training triplets: sketch row, positive photo row, negative photo row.

Batches depend only on the generator, so that equal seeds give equal batches. Rows are those of the dataset.
Source: *Sketch Me That Shoe*, section 4.4, steps 3 and 4.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ml.contracts.split import Split
from ml.datasets.pairs import PairDataset, majority
from ml.errors import ConfigError, DatasetError

MOST_SIMILAR = LEAST_SIMILAR = 0.2  # share of a category's photos


class TripletSource(Protocol):
    """An endless source of batches of triplets."""

    def batch(self, rng: np.random.Generator, size: int) -> NDArray[np.int32]:
        """Return int32 (size, 3): sketch, positive photo, negative photo."""
        ...


class AnnotatedTriplets:
    """Human judgements whose sketch and photos are in the given splits, each equally likely.

    merged: use one row per pair, the majority's, instead of every vote. Raises DatasetError if there are none.
    """

    def __init__(self, dataset: PairDataset, *splits: Split, merged: bool = False) -> None:
        votes = dataset.triplets_among(*splits)
        self.triplets = majority(votes) if merged else votes  # (T, 3)
        if not len(self.triplets):
            raise DatasetError("triplets", f"expected judgements in {' and '.join(splits)}, found none")

    def batch(self, rng: np.random.Generator, size: int) -> NDArray[np.int32]:
        """Draw int32 (size, 3) with replacement."""
        return self.triplets[rng.integers(len(self.triplets), size=size)]


@dataclass(frozen=True)
class Features:
    """Features that measure similarity, with the dataset's rows: float (S, D) of sketches, (P, D) of photos."""

    sketch: NDArray[np.floating]
    photo: NDArray[np.floating]


class SampledTriplets:
    """Triplets from categories and true pairs.

    Positive: the true photo, or with `features` one of the most similar fifth of the sketch's category.
    Negative, in the shares `ratio`: easy, any photo of another category (with a single category, any of its photos that
    cannot be the positive); out-of-class hard, a photo of another category that is nearer to the sketch than the
    positive, or the nearest one if there is none; in-class hard, one of the least similar fifth of the sketch's
    category. The ratio is 3:1:1 with features; without them only easy negatives are possible.

    Raises ConfigError on a ratio that needs features, DatasetError where no triplet can be formed.
    """

    def __init__(
        self,
        dataset: PairDataset,
        *splits: Split,
        features: Features | None = None,
        ratio: tuple[float, float, float] | None = None,
    ) -> None:
        self.ratio = ratio or ((3, 1, 1) if features else (1, 0, 0))
        if features is None and any(self.ratio[1:]):
            raise ConfigError("ratio", f"{self.ratio}: hard negatives need features; without them (1, 0, 0)")
        if min(self.ratio) < 0 or not sum(self.ratio):
            raise ConfigError("ratio", f"{self.ratio}, expected three shares of at least 0, not all 0")
        self.features = features
        self._true = dataset.true_photos
        self._photos = dataset.photo_rows(*splits)  # (P,)
        names = {name: number for number, name in enumerate(dataset.categories)}
        category = np.array([names[dataset.photos[row].category] for row in self._photos], dtype=np.intp)
        self._inside = [np.flatnonzero(category == number) for number in range(len(names))]
        self._outside = [np.flatnonzero(category != number) for number in range(len(names))]
        self._category = np.array([names[row.category] for row in dataset.sketches], dtype=np.intp)
        enough = np.array([len(inside) >= 2 for inside in self._inside], dtype=bool)
        rows = dataset.sketch_rows(*splits)
        rows = rows[enough[self._category[rows]]]
        self._sketches = rows if features else rows[np.isin(self._true[rows], self._photos)]
        if not len(self._sketches):
            raise DatasetError(
                "triplets", f"expected sketches with photos in {' and '.join(splits)}, found none"
            )

    def batch(self, rng: np.random.Generator, size: int) -> NDArray[np.int32]:
        """Draw int32 (size, 3), with the kinds of negatives in their shares."""
        sketches = rng.choice(self._sketches, size)
        kinds = rng.choice(3, size, p=np.array(self.ratio) / sum(self.ratio))
        nearness = [None] * size if self.features is None else self._distances(self.features, sketches)
        return np.array(
            [
                self._triplet(rng, int(sketch), int(kind), distance)
                for sketch, kind, distance in zip(sketches, kinds, nearness, strict=True)
            ],
            dtype=np.int32,
        )

    def _triplet(
        self, rng: np.random.Generator, sketch: int, kind: int, distance: NDArray[np.floating] | None
    ) -> tuple[int, int, int]:
        inside, outside = (group[self._category[sketch]] for group in (self._inside, self._outside))
        if distance is None:
            similar = np.flatnonzero(self._photos == self._true[sketch])
        else:
            inside = inside[np.argsort(distance[inside], kind="stable")]
            similar = inside[: _share(len(inside), MOST_SIMILAR)]
        positive = rng.choice(similar)
        if distance is not None and kind == 1 and len(outside):
            hard = outside[distance[outside] < distance[positive]]
            pool = hard if len(hard) else outside[[distance[outside].argmin()]]
        elif distance is not None and kind == 2:
            pool = inside[-_share(len(inside), LEAST_SIMILAR) :]
        else:
            pool = outside if len(outside) else np.setdiff1d(inside, similar)
        return sketch, int(self._photos[positive]), int(self._photos[rng.choice(pool)])

    def _distances(self, features: Features, sketches: NDArray[np.intp]) -> list[NDArray[np.floating]]:
        """Return the squared Euclidean distances of each sketch to all photos, less a constant per sketch."""
        photo = features.photo[self._photos]
        return list((photo**2).sum(axis=1) - 2 * features.sketch[sketches] @ photo.T)


@dataclass(frozen=True)
class MixedTriplets:
    """Shuffled batches of several sources in fixed shares; the last source takes the remainder of rounding."""

    parts: tuple[tuple[float, TripletSource], ...]

    def batch(self, rng: np.random.Generator, size: int) -> NDArray[np.int32]:
        """Draw int32 (size, 3)."""
        ends = np.cumsum([share for share, _ in self.parts])
        bounds = np.diff(np.round(ends / ends[-1] * size).astype(int), prepend=0)
        batches = [source.batch(rng, int(n)) for n, (_, source) in zip(bounds, self.parts, strict=True) if n]
        return rng.permutation(np.concatenate(batches))


def mixed(dataset: PairDataset, *splits: Split, annotated: float = 0.75) -> MixedTriplets:
    """Return the mix of step 4: a share of annotated triplets, the rest true pairs against easy negatives."""
    return MixedTriplets(
        (
            (annotated, AnnotatedTriplets(dataset, *splits)),
            (1 - annotated, SampledTriplets(dataset, *splits)),
        )
    )


def _share(n: int, share: float) -> int:
    """Return that share of n, at least one and at most half, so that most and least similar never overlap."""
    return min(max(1, round(share * n)), n // 2)

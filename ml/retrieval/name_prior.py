"""Rank a shortlist by shape and by what the sketch was recognised as.

    score = cosine + w log(sum over names n of p(n | sketch) fit(n, product) + p(none) rest(product) + FLOOR)

p comes from the recogniser, fit from the product's words (`ml.vocabulary`): the chance that somebody who draws n would
accept the product; rest is 1 less its best fit. Products that fit what was recognised also enter the shortlist, wherever
their hash codes lie.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

FLOOR = 0.03  # added to every chance
NO_WORDS = 0.03  # chance of products whose words say nothing; those that are something else have less
LIKELY = 0.05  # chance from which products enter the shortlist
FITS = 0.5  # fit from which a product counts as what a name means


@dataclass(frozen=True, eq=False)
class NameFits:
    """How well the products of a gallery fit each name. Products with the same fits share a group; group 0 fits none.

    groups: int32 (N,), the group of each gallery row. fits: float32 (G, names), in [0, 1]. sizes: (G,), products of each
    group, which may have several photos.
    """

    names: tuple[str, ...]
    groups: NDArray[np.int32]
    fits: NDArray[np.float32]
    sizes: NDArray[np.intp]

    def aligned(self, names: tuple[str, ...], probabilities: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the probabilities of `self.names`, float32 (names,), from those of a recogniser's `names`.

        Names that it does not know have none.
        """
        columns, places = _columns(names, self.names)
        found = np.zeros(len(self.names), np.float32)
        found[places] = probabilities[columns]
        return found

    def prior(self, probabilities: NDArray[np.float32], weight: float, *, other: float = 0.0) -> NamePrior:
        """Return the prior by the probabilities of `names`, float32 (names,), and of things without a name."""
        chances = self.fits @ probabilities + np.float32(other) * self._rest
        chances[0] = max(NO_WORDS, other)
        return NamePrior(self, np.asarray(chances, np.float32), weight, probabilities)

    def rows_of(self, groups: NDArray[np.bool_]) -> NDArray[np.intp]:
        """Return the gallery rows of some groups, bool (G,), ascending."""
        order, starts = self._by_group
        parts = [order[starts[group] : starts[group + 1]] for group in np.flatnonzero(groups)]
        return np.sort(np.concatenate(parts)) if parts else np.empty(0, np.intp)

    def fitting(self, name: int) -> NDArray[np.bool_]:
        """Return which gallery rows, bool (N,), are what a name means."""
        return np.asarray(self.fits[:, name] >= FITS)[self.groups]

    def n_products(self, name: int) -> int:
        """Return how many products are what a name means."""
        return int(self.sizes[self.fits[:, name] >= FITS].sum())

    @cached_property
    def _rest(self) -> NDArray[np.float32]:
        """The chance of each group that no name means it, (G,)."""
        return np.asarray(1 - self.fits.max(axis=1), np.float32)

    @cached_property
    def sold(self) -> NDArray[np.bool_]:
        """Which names some product is what they mean, bool (names,)."""
        return np.asarray((self.fits >= FITS).any(axis=0))

    @cached_property
    def _by_group(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """The rows sorted by group, and where each group starts."""
        order = self.groups.argsort(kind="stable")
        return order, np.searchsorted(self.groups[order], np.arange(len(self.fits) + 1))


@dataclass(frozen=True, eq=False)
class NamePrior:
    """What one sketch was recognised as, against a gallery.

    chances: float32 (G,), of each group. weight: of the logarithm, in units of the cosine. probabilities: float32
    (names,), of the recogniser.
    """

    fits: NameFits
    chances: NDArray[np.float32]
    weight: float
    probabilities: NDArray[np.float32]

    def scores(self, rows: NDArray[np.int64], cosines: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the scores, float32 (S,), of rows (S,) of the gallery from their cosines, float32 (S,)."""
        return np.asarray(cosines + self.weight * np.log(self.chances_of(rows) + FLOOR), np.float32)

    def chances_of(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the chances, float32 (S,), of rows (S,) of the gallery."""
        return self.chances.take(self.fits.groups.take(rows))

    def likely_rows(self) -> NDArray[np.intp]:
        """Return the rows of products that are likely meant, ascending."""
        likely = self.chances >= LIKELY
        likely[0] = False
        return self.fits.rows_of(likely)

    @property
    def foreign(self) -> float:
        """The probability of names that no product fits."""
        return float(self.probabilities[~self.fits.sold].sum())


@lru_cache(maxsize=4)
def _columns(given: tuple[str, ...], wanted: tuple[str, ...]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the columns in `given` of the names in both, and their places in `wanted`."""
    column = {name: number for number, name in enumerate(given)}
    pairs = [(column[name], place) for place, name in enumerate(wanted) if name in column]
    columns, places = zip(*pairs, strict=True) if pairs else ((), ())
    return np.array(columns, np.intp), np.array(places, np.intp)

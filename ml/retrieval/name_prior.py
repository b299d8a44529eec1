"""Rank a shortlist by shape and by what the sketch was recognised as.

    score  = c + CURVE max(c, 0)^3 + w log(chance + FLOOR)
    chance = sum over names n of p(n | sketch) fit(n, product) + p(none) rest(product)

c is the cosine; its cube keeps what looks just like the sketch first, whatever the sketch was recognised as. p comes from
the recogniser, fit from the product's words (`ml.vocabulary`): the chance that somebody who draws n would accept the
product; rest is 1 less its best fit. Products that fit what was recognised also enter the shortlist, wherever their hash
codes lie.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

FLOOR = 0.03  # added to every chance
CURVE = 3.0  # weight of the cubed cosine
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
        columns, fits, starts = self._entries
        chances = np.add.reduceat(fits * probabilities.take(columns), starts) + np.float32(other) * self._rest
        chances[0] = max(NO_WORDS, other)
        return NamePrior(self, np.asarray(chances, np.float32), weight, probabilities, other)

    def rows_of(self, groups: NDArray[np.bool_]) -> NDArray[np.intp]:
        """Return the gallery rows of some groups, bool (G,), ascending."""
        order, ends = self._by_group
        sizes = np.diff(ends, prepend=0)[groups]
        before = ends[groups] - np.cumsum(sizes)  # places of other groups before each group's
        skipped = np.repeat(before, sizes)
        return np.sort(order.take(np.arange(len(skipped)) + skipped))

    def fitting(self, name: int) -> NDArray[np.bool_]:
        """Return which gallery rows, bool (N,), are what a name means."""
        return np.asarray(self.fits[:, name] >= FITS)[self.groups]

    def n_products(self, name: int) -> int:
        """Return how many products are what a name means."""
        return int(self._n_products[name])

    @cached_property
    def _entries(self) -> tuple[NDArray[np.intp], NDArray[np.float32], NDArray[np.intp]]:
        """The fits that are not 0, about a hundredth: columns and values, row by row, and where each row starts."""
        kept = self.fits != 0
        kept[:, 0] = True  # `reduceat` wants no empty rows
        rows, columns = kept.nonzero()
        return columns, self.fits[kept], np.searchsorted(rows, np.arange(len(self.fits)))

    @cached_property
    def _n_products(self) -> NDArray[np.intp]:
        """How many products are what each name means, (names,)."""
        return self.sizes @ (self.fits >= FITS)

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
        """The rows sorted by group, and where each group ends, (G,)."""
        order = self.groups.argsort(kind="stable")
        return order, np.bincount(self.groups, minlength=len(self.fits)).cumsum()


@dataclass(frozen=True, eq=False)
class NamePrior:
    """What one sketch was recognised as, against a gallery.

    chances: float32 (G,), of each group. weight: of the logarithm, in units of the cosine. probabilities: float32
    (names,), of the recogniser. other: the probability of things without a name.
    """

    fits: NameFits
    chances: NDArray[np.float32]
    weight: float
    probabilities: NDArray[np.float32]
    other: float

    def scores(self, rows: NDArray[np.int64], cosines: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the scores, float32 (S,), of rows (S,) of the gallery from their cosines, float32 (S,)."""
        closeness = cosines + CURVE * np.maximum(cosines, 0) ** 3
        return np.asarray(closeness + self.weight * np.log(self.chances_of(rows) + FLOOR), np.float32)

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

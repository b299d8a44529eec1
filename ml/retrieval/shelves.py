"""Which shelf a query means: the nearest products of each shelf vote, and a stray ranks behind the shelf it strayed into.

    score = cosine + T log P(shelf | query),    P(shelf | query) ~ sum over its nearest of exp(cosine / T)

A weighted vote of nearest neighbours (Dudani, "The Distance-Weighted k-Nearest-Neighbor Rule", 1976) on the shortlist;
its temperature T is the model's, chosen on validation. Where all are of one shelf nothing changes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

VOTERS = 5  # the nearest of each shelf


@dataclass(frozen=True, slots=True)
class ShelfVote:
    """shelves: int64 (N,), the number of each gallery row's shelf. temperature: in units of the cosine, above 0."""

    shelves: NDArray[np.int64]
    temperature: float

    def scores(self, rows: NDArray[np.int64], cosines: NDArray[np.float32]) -> NDArray[np.float32]:
        """Scores (S,) of the rows (S,) of a shortlist with their cosines (S,); at most the cosine each."""
        n = len(rows)
        if not n:
            return cosines
        shelves = self.shelves.take(rows)
        nearest = (-cosines).argsort(kind="stable")
        together = nearest.take(shelves.take(nearest).argsort(kind="stable"))  # by shelf, nearest first
        of = shelves.take(together)
        first = np.flatnonzero(np.concatenate(([True], of[1:] != of[:-1])))
        sizes = np.diff(first, append=n)
        weights = np.exp((cosines.take(together) - cosines[nearest[0]]) / self.temperature)
        weights[np.arange(n) - first.repeat(sizes) >= VOTERS] = 0.0
        votes = np.add.reduceat(weights, first)
        penalty = self.temperature * np.log(votes / votes.sum())
        scores = np.empty_like(cosines)
        scores[together] = cosines.take(together) + penalty.repeat(sizes)
        return scores

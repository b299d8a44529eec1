"""Re-rank a shortlist by category prior: a product's score falls by how unlikely its category is for the query.

    score = cosine + T log P(category | query),    P(category | query) ~ sum over its nearest of exp(cosine / T)

A weighted vote of the nearest neighbours (Dudani, "The Distance-Weighted k-Nearest-Neighbor Rule", 1976) among the
shortlist. Its temperature T belongs to the model and is chosen on validation. A shortlist of one category is unchanged.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

NEIGHBOURS = 5  # nearest products of each category that count


@dataclass(frozen=True, slots=True)
class CategoryPrior:
    """The categories of a gallery and how sharply they are weighted.

    categories: int64 (N,), the category number of each gallery row. temperature: in units of the cosine, above 0.
    """

    categories: NDArray[np.int64]
    temperature: float

    def scores(self, rows: NDArray[np.int64], cosines: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the scores, float32 (S,), of a shortlist's rows, int64 (S,), from their cosines, float32 (S,).

        A score is at most its cosine.
        """
        n = len(rows)
        if not n:
            return cosines
        categories = self.categories.take(rows)
        nearest = (-cosines).argsort(kind="stable")
        grouped = nearest.take(categories.take(nearest).argsort(kind="stable"))  # by category, nearest first
        category = categories.take(grouped)
        first = np.flatnonzero(np.concatenate(([True], category[1:] != category[:-1])))
        sizes = np.diff(first, append=n)
        weights = np.exp((cosines.take(grouped) - cosines[nearest[0]]) / self.temperature)
        weights[np.arange(n) - first.repeat(sizes) >= NEIGHBOURS] = 0.0
        totals = np.add.reduceat(weights, first)
        penalty = self.temperature * np.log(totals / totals.sum())
        scores = np.empty_like(cosines)
        scores[grouped] = cosines.take(grouped) + penalty.repeat(sizes)
        return scores

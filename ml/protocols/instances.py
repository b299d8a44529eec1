"""Instance-level metrics of hash codes: at which place the photo is that a sketch was drawn from.

acc@k        among the photos of the sketch's category
acc@k_all    among the photos of all categories, if there are several (the protocol of the Sketchy database, and of
             Table 1 in the supplement of *Generative Domain-Migration Hashing*, ECCV 2018)

All are expectations over the orders of ties, as in `ml.protocols.pairs`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.metrics.ranking import accuracy_at, expected_ranks, summary
from ml.retrieval.packing import Codes, hamming

ACCURACY_AT = (1, 5, 10)
Numbers = NDArray[np.integer[Any]]


@dataclass(frozen=True)
class Found:
    """Where each query's true photo is.

    accuracies: (Q,) for each k. ranks: (Q,) 1-based expected ranks. ties: (Q,) other photos at the same distance.
    """

    accuracies: dict[int, NDArray[np.float64]]
    ranks: NDArray[np.float64]
    ties: NDArray[np.intp]


@dataclass(frozen=True)
class InstanceRanks:
    """Ranks of true photos; `overall` is None if the gallery has a single category."""

    within: Found
    overall: Found | None

    def metrics(self) -> dict[str, Any]:
        """Return the metrics as the command line prints them."""
        found = {f"acc@{k}": summary(values) for k, values in self.within.accuracies.items()}
        if self.overall is not None:
            found |= {f"acc@{k}_all": summary(values) for k, values in self.overall.accuracies.items()}
        return {**found, "n_instances": len(self.within.ranks)}

    def as_json(self) -> dict[str, list[float] | list[int]]:
        """Return ranks and ties as a result file holds them."""
        kept: dict[str, list[float] | list[int]] = {
            "ranks": self.within.ranks.tolist(),
            "ties": self.within.ties.tolist(),
        }
        if self.overall is not None:
            kept |= {"ranks_all": self.overall.ranks.tolist(), "ties_all": self.overall.ties.tolist()}
        return kept


def instance_ranks(
    queries: Codes, gallery: Codes, true: Numbers, query_labels: Numbers, gallery_labels: Numbers
) -> InstanceRanks | None:
    """Rank packed codes, uint8 (Q, K / 8) and (G, K / 8); None if no query's photo is in the gallery.

    true: (Q,) gallery row of the photo that a query was drawn from, -1 if it is not there; such queries are left out.
    query_labels, gallery_labels: (Q,) and (G,) category numbers.
    """
    known = np.flatnonzero(true >= 0)
    if not len(known):
        return None
    several = len(np.unique(gallery_labels)) > 1
    within, overall = [], []
    for query in known:
        distances = hamming(gallery, queries[query]).astype(np.float32)[None]
        column = true[query : query + 1]
        overall.append(_found(distances, column))
        same = gallery_labels == query_labels[query]
        within.append(_found(np.where(same, distances, np.float32(np.inf)), column))
    return InstanceRanks(_joined(within), _joined(overall) if several else None)


def _found(distances: NDArray[np.float32], true: Numbers) -> Found:
    """Return the ranks of true columns (Q,) among distances (Q, G)."""
    tied = (distances == np.take_along_axis(distances, true[:, None], axis=1)).sum(axis=1) - 1
    accuracies = {k: accuracy_at(distances, true, k) for k in ACCURACY_AT}
    return Found(accuracies, expected_ranks(distances, true), tied)


def _joined(parts: list[Found]) -> Found:
    return Found(
        {k: np.concatenate([part.accuracies[k] for part in parts]) for k in ACCURACY_AT},
        np.concatenate([part.ranks for part in parts]),
        np.concatenate([part.ties for part in parts]),
    )

"""How far workers agree with one another, and each with himself: Krippendorff's alpha, the cycle rate."""

from __future__ import annotations

from dataclasses import dataclass

import krippendorff
import numpy as np

from annotation.consensus.majority import VoteCounts
from annotation.consensus.votes import Ints


def alpha(counts: VoteCounts) -> float | None:
    """Krippendorff's alpha of the tasks' nominal votes: 1 agreement, 0 chance. None where it is not defined.

    "Can't tell" is no value: it takes no part, and neither do tasks with fewer than two votes for a side. Not defined
    without two votes on one task, or when all votes are the same.
    Source: K. Krippendorff, Content Analysis (2004), chapter 11.
    """
    values = np.stack([counts.n_a, counts.n_b], axis=1)  # (T, 2)
    values = values[values.sum(axis=1) >= 2]
    if len(values) == 0 or (values.sum(axis=0) > 0).sum() < 2:
        return None
    return float(krippendorff.alpha(value_counts=values, level_of_measurement="nominal"))


def pairwise_agreement(counts: VoteCounts) -> float | None:
    """Share of pairs of votes on one task that agree, over all such pairs; None where there is none."""
    a, b = counts.n_a, counts.n_b
    same, total = a * (a - 1) + b * (b - 1), (a + b) * (a + b - 1)
    return float(same.sum() / total.sum()) if total.sum() else None


@dataclass(frozen=True, slots=True)
class Cycles:
    """Of the triples of candidates of which all three pairs are decided, those that go in a circle."""

    n_cyclic: int
    n_triples: int

    @property
    def rate(self) -> float | None:
        """Share of triples that are cyclic; a quarter where every vote is a coin's. None without triples."""
        return self.n_cyclic / self.n_triples if self.n_triples else None


def cycles(group: Ints, winner: Ints, loser: Ints) -> Cycles:
    """Counts circular triads, as M. G. Kendall and B. Babington Smith (Biometrika 31, 1940) do.

    group, winner, loser: (P,), one row a decided pair, each pair once a group: a sketch's merged votes, or one worker's
    on a sketch. Ties and missing pairs are left out, and so are the triples that hold them.
    """
    n_cyclic = n_triples = 0
    order = np.argsort(group, kind="stable")
    starts = np.flatnonzero(np.diff(group[order], prepend=np.nan))
    for rows in np.split(order, starts[1:]):
        names, places = np.unique(np.concatenate([winner[rows], loser[rows]]), return_inverse=True)
        beats = np.zeros((len(names), len(names)), dtype=np.int64)
        beats[places[: len(rows)], places[len(rows) :]] = 1
        met = beats + beats.T
        n_cyclic += int(np.trace(beats @ beats @ beats)) // 3
        n_triples += int(np.trace(met @ met @ met)) // 6
    return Cycles(n_cyclic, n_triples)

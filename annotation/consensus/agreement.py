"""Agreement among workers (Krippendorff's alpha) and the consistency of their votes (the cycle rate)."""

from __future__ import annotations

from dataclasses import dataclass

import krippendorff
import numpy as np

from annotation.consensus.majority import VoteCounts
from annotation.consensus.votes import Ints


def alpha(counts: VoteCounts) -> float | None:
    """Return Krippendorff's alpha of nominal votes: 1 is full agreement, 0 chance. None where it is undefined.

    "Can't tell" votes and tasks with fewer than two votes for a side are left out. Undefined if no task has two votes,
    or if all votes are the same.
    Source: K. Krippendorff, Content Analysis (2004), chapter 11.
    """
    values = np.stack([counts.n_a, counts.n_b], axis=1)  # (T, 2)
    values = values[values.sum(axis=1) >= 2]
    if len(values) == 0 or (values.sum(axis=0) > 0).sum() < 2:
        return None
    return float(krippendorff.alpha(value_counts=values, level_of_measurement="nominal"))


def pairwise_agreement(counts: VoteCounts) -> float | None:
    """Return the share of pairs of votes on the same task that agree; None if there are no such pairs."""
    a, b = counts.n_a, counts.n_b
    same, total = a * (a - 1) + b * (b - 1), (a + b) * (a + b - 1)
    return float(same.sum() / total.sum()) if total.sum() else None


@dataclass(frozen=True, slots=True)
class Cycles:
    """Triples of candidates with all three pairs decided, and how many of them are cyclic (a > b > c > a)."""

    n_cyclic: int
    n_triples: int

    @property
    def rate(self) -> float | None:
        """Share of triples that are cyclic, a quarter if every vote is random. None without triples."""
        return self.n_cyclic / self.n_triples if self.n_triples else None


def cycles(group: Ints, winner: Ints, loser: Ints) -> Cycles:
    """Count circular triads, as in M. G. Kendall and B. Babington Smith (Biometrika 31, 1940).

    group, winner, loser: (P,), one row per decided pair, each pair once per group. A group is a sketch's merged votes,
    or one worker's votes on a sketch. Triples with a tie or a missing pair are left out.
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

"""Figures of each worker computed from their votes: skill, left bias, speed, gold tasks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotation.consensus.aggregate import strengths_fit
from annotation.consensus.majority import tally
from annotation.consensus.votes import CANT_TELL, A, B, Floats, Ints, Votes

Z_95 = 1.959964


@dataclass(frozen=True, slots=True)
class WorkerReport:
    """Figures of one worker's votes in one campaign. A share is None if its denominator is 0.

    skill, left_bias: of the Bradley-Terry model; 1 and 0 are typical. agreement: share of the worker's decisive votes
    that agree with the majority of the other votes on the task, if these have one. left_low, left_high: 95 % interval
    (Wilson) of left_share. median_ms: median response time.
    """

    worker: int
    n_votes: int
    n_cant_tell: int
    skill: float | None
    left_bias: float | None
    agreement: float | None
    n_compared: int
    left_share: float | None
    left_low: float
    left_high: float
    median_ms: float | None
    gold_right: int
    gold_total: int

    @property
    def gold_share(self) -> float | None:
        return self.gold_right / self.gold_total if self.gold_total else None


def worker_reports(votes: Votes, gold: Mapping[int, tuple[int, int]]) -> list[WorkerReport]:
    """Return a report for each worker in `votes`, by id. gold: worker -> (gold tasks right, gold tasks answered)."""
    if len(votes) == 0:
        return []
    workers, who = np.unique(votes.worker, return_inverse=True)
    skill, bias = _skills(votes, who, len(workers))
    agrees, compared = _agrees_with_others(votes)
    reports = []
    for row, worker in enumerate(workers):
        mine = who == row
        decisive = mine & votes.decisive
        n_decisive, n_left = int(decisive.sum()), int((decisive & votes.chose_left).sum())
        times = votes.response_ms[mine & (votes.response_ms > 0)]
        n_compared, gold_right_total = int((mine & compared).sum()), gold.get(int(worker), (0, 0))
        low, high = wilson(n_left, n_decisive)
        reports.append(
            WorkerReport(
                worker=int(worker),
                n_votes=int(mine.sum()),
                n_cant_tell=int((mine & (votes.choice == CANT_TELL)).sum()),
                skill=float(skill[row]) if n_decisive else None,
                left_bias=float(bias[row]) if n_decisive else None,
                agreement=float((mine & agrees).sum() / n_compared) if n_compared else None,
                n_compared=n_compared,
                left_share=n_left / n_decisive if n_decisive else None,
                left_low=low,
                left_high=high,
                median_ms=float(np.median(times)) if len(times) else None,
                gold_right=gold_right_total[0],
                gold_total=gold_right_total[1],
            )
        )
    return reports


def wilson(n: float, total: int, *, z: float = Z_95) -> tuple[float, float]:
    """Return the interval of the share `n / total` (E. B. Wilson, JASA 22, 1927), of 95 %; 0 to 1 if `total` is 0."""
    if total == 0:
        return 0.0, 1.0
    share, z2 = n / total, z**2
    centre = (share + z2 / (2 * total)) / (1 + z2 / total)
    half = z * np.sqrt(share * (1 - share) / total + z2 / (4 * total**2)) / (1 + z2 / total)
    return float(centre - half), float(centre + half)


def _skills(votes: Votes, who: Ints, n_workers: int) -> tuple[Floats, Floats]:
    """Return skill and left bias of the Bradley-Terry model, (W,) each; 1 and 0 for workers who never chose a side."""
    skill, bias = np.ones(n_workers), np.zeros(n_workers)
    fit = strengths_fit(votes[votes.decisive])
    if fit is not None:
        rows = np.unique(who[votes.decisive])
        skill[rows], bias[rows] = fit.model.skill, fit.model.left_bias
    return skill, bias


def _agrees_with_others(votes: Votes) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return whether each vote agrees with the majority of the others on its task, and whether there is one, (V,)."""
    counts = tally(votes.task, votes.choice)
    row = np.searchsorted(counts.task, votes.task)
    lead = (counts.n_a - counts.n_b)[row]  # of a over b
    others = lead - np.where(votes.choice == A, 1, np.where(votes.choice == B, -1, 0))
    compared = votes.decisive & (others != 0)
    return compared & ((others > 0) == (votes.choice == A)), compared

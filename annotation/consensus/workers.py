"""Figures of each worker computed from their votes: agreement, settled answers, sides, speed, gold tasks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotation.consensus.majority import Outcome, tally
from annotation.consensus.votes import CANT_TELL, A, B, Votes

Z_95 = 1.959964


@dataclass(frozen=True, slots=True)
class WorkerReport:
    """Figures of one worker's votes in one campaign. A share is None if its denominator is 0.

    agreement: share of the worker's decisive votes that agree with the majority of the other votes on the task, if these
    have one. n_settled, n_settled_right: the same, but compared with an expert's answer where there is one. left_low,
    left_high: 95 % interval (Wilson) of left_share. median_ms: median response time.
    """

    worker: int
    n_votes: int
    n_cant_tell: int
    agreement: float | None
    n_compared: int
    left_share: float | None
    left_low: float
    left_high: float
    median_ms: float | None
    gold_right: int
    gold_total: int
    n_settled: int = 0
    n_settled_right: int = 0

    @property
    def gold_share(self) -> float | None:
        return self.gold_right / self.gold_total if self.gold_total else None


def worker_reports(
    votes: Votes, gold: Mapping[int, tuple[int, int]], experts: Mapping[int, Outcome] | None = None
) -> list[WorkerReport]:
    """Return a report for each worker in `votes`, by id.

    gold: worker -> (gold tasks right, gold tasks answered). experts: task -> the outcome that an expert settled.
    """
    if len(votes) == 0:
        return []
    workers, who = np.unique(votes.worker, return_inverse=True)
    agrees, compared = _agrees_with_others(votes)
    right, settled = _agrees_with_settled(votes, agrees, compared, experts or {})
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
                agreement=float((mine & agrees).sum() / n_compared) if n_compared else None,
                n_compared=n_compared,
                left_share=n_left / n_decisive if n_decisive else None,
                left_low=low,
                left_high=high,
                median_ms=float(np.median(times)) if len(times) else None,
                gold_right=gold_right_total[0],
                gold_total=gold_right_total[1],
                n_settled=int((mine & settled).sum()),
                n_settled_right=int((mine & right).sum()),
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


def _agrees_with_others(votes: Votes) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return whether each vote agrees with the majority of the others on its task, and whether there is one, (V,)."""
    counts = tally(votes.task, votes.choice)
    row = np.searchsorted(counts.task, votes.task)
    lead = (counts.n_a - counts.n_b)[row]  # of a over b
    others = lead - np.where(votes.choice == A, 1, np.where(votes.choice == B, -1, 0))
    compared = votes.decisive & (others != 0)
    return compared & ((others > 0) == (votes.choice == A)), compared


def _agrees_with_settled(
    votes: Votes,
    agrees: NDArray[np.bool_],
    compared: NDArray[np.bool_],
    experts: Mapping[int, Outcome],
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return whether each vote is the settled answer of its task, and whether there is one to compare with, (V,).

    The answer is the expert's, else the majority of the other votes: a worker's own vote is no evidence for itself.
    """
    if not experts:
        return agrees, compared
    codes = {"a": A, "b": B, "tie": CANT_TELL}
    unsettled = CANT_TELL - 1
    answer = np.array(
        [codes[experts[task]] if task in experts else unsettled for task in votes.task.tolist()]
    )
    by_expert = votes.decisive & ((answer == A) | (answer == B))
    settled = np.where(answer == unsettled, compared, by_expert)
    return np.where(by_expert, answer == votes.choice, agrees) & settled, settled

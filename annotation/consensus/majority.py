"""Majority of a task's votes: the default aggregation, as in *Sketch Me That Shoe*, section 3.2.

The same tie rule applies everywhere: a candidate wins with more votes than the other; equal counts, even zero, are a
tie, which yields no triplet. "Can't tell" uses up one of the N votes without counting for either side.
`annotation.consensus.task_status` decides when a task needs no further votes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from annotation.consensus.votes import CANT_TELL, A, B, Ints

Outcome = Literal["a", "b", "tie"]


def outcome(n_a: int, n_b: int) -> Outcome:
    """Return the majority of `n_a` votes for candidate a and `n_b` for b."""
    if n_a == n_b:
        return "tie"
    return "a" if n_a > n_b else "b"


@dataclass(frozen=True, slots=True)
class VoteCounts:
    """Votes counted per task: arrays (T,), in order of task id."""

    task: Ints
    n_a: Ints
    n_b: Ints
    n_cant_tell: Ints

    @property
    def outcomes(self) -> list[Outcome]:
        """The majority of each task."""
        return [outcome(int(a), int(b)) for a, b in zip(self.n_a, self.n_b, strict=True)]


def tally(task: Ints, choice: NDArray[np.int8]) -> VoteCounts:
    """Count the votes of each task; task, choice: (V,)."""
    tasks, row = np.unique(task, return_inverse=True)
    n_a, n_b, n_cant_tell = (
        np.bincount(row[choice == which], minlength=len(tasks)) for which in (A, B, CANT_TELL)
    )
    return VoteCounts(tasks, n_a, n_b, n_cant_tell)

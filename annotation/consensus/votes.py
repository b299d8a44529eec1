"""Counted votes as columns, the input of every aggregation. Uses NumPy alone."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

A, B, CANT_TELL = 0, 1, -1
"""Choices: candidate a is closer, candidate b is closer, the worker can't tell."""

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Votes:
    """Counted votes, one row per vote, all arrays (V,).

    task, sketch, worker, candidate_a, candidate_b: ids. choice: A, B or CANT_TELL. left_is_a: whether candidate a
    was shown on the left. response_ms: response time, 0 if unknown.
    """

    task: Ints
    sketch: Ints
    candidate_a: Ints
    candidate_b: Ints
    worker: Ints
    choice: NDArray[np.int8]
    left_is_a: NDArray[np.bool_]
    response_ms: Ints

    def __len__(self) -> int:
        return len(self.task)

    def __getitem__(self, rows: NDArray[np.bool_] | Ints) -> Votes:
        """Return the votes of the given rows."""
        return Votes(*(getattr(self, name)[rows] for name in self.__slots__))

    @property
    def decisive(self) -> NDArray[np.bool_]:
        """Whether each vote chose a side, (V,)."""
        return np.asarray(self.choice != CANT_TELL)

    @property
    def chose_left(self) -> NDArray[np.bool_]:
        """Whether the left photo was chosen, (V,); meaningless for votes that are not decisive."""
        return np.asarray((self.choice == A) == self.left_is_a)


def votes_hash(rows: list[tuple[int, str]]) -> str:
    """Return the SHA-256 of one task's counted votes, given as (vote id, content), in order of id.

    Stored with a consensus, it reveals an outdated one without recomputing anything.
    """
    text = ";".join(f"{vote}:{content}" for vote, content in sorted(rows))
    return hashlib.sha256(text.encode()).hexdigest()

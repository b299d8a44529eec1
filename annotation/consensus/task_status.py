"""When a triplet is settled, and how many answers it may still need. Pure functions of the counts.

The majority of the votes for A and B decides; "can't tell" uses up a vote without counting for either. A lead that the
missing answers cannot overturn settles the triplet, so stopping early gives the same majority as all `n_votes`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

TaskStatus = Literal["open", "decided", "exhausted"]


@dataclass(frozen=True, slots=True)
class TaskTally:
    """The counted votes of one task, at most `n_votes`."""

    n_votes: int
    n_counted: int = 0
    n_a: int = 0
    n_b: int = 0

    @property
    def missing(self) -> int:
        """Answers that may still come."""
        return self.n_votes - self.n_counted

    @property
    def lead(self) -> int:
        return abs(self.n_a - self.n_b)

    def plus(self, choice: str, times: int = 1) -> TaskTally:
        """Return the tally with one more vote (`times=-1`: one fewer)."""
        return TaskTally(
            self.n_votes,
            self.n_counted + times,
            self.n_a + times * (choice == "a"),
            self.n_b + times * (choice == "b"),
        )


def task_status(tally: TaskTally, *, compares: bool, stop_when_decided: bool) -> TaskStatus:
    """Return `decided` if there is a majority, `exhausted` if all votes end in a tie, else `open`.

    Tasks that do not compare two candidates (`compares=False`) are decided once all answers are in.
    """
    if not compares:
        return "open" if tally.missing else "decided"
    if tally.missing == 0:
        return "decided" if tally.lead else "exhausted"
    return "decided" if stop_when_decided and tally.lead > tally.missing else "open"


def votes_wanted(tally: TaskTally, *, compares: bool, stop_when_decided: bool) -> int:
    """Return how many answers to hand out, including those counted: as many as could settle the task if all agree.

    Of three votes, two are handed out at first; the third only if the two disagree or one is "can't tell".
    """
    if not (compares and stop_when_decided):
        return tally.n_votes
    if tally.lead > tally.missing:
        return tally.n_counted
    return min(tally.n_votes, tally.n_counted + (tally.missing - tally.lead) // 2 + 1)

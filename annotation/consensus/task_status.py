"""When a triplet is settled, and how many answers may still be needed. Pure: counts in, words out.

Majority of the votes for A and B; can't-tell takes a place and speaks for neither. A lead that the answers
still missing cannot turn settles the triplet, so stopping then gives the majority of all `n_votes`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

TaskStatus = Literal["open", "decided", "exhausted"]


@dataclass(frozen=True, slots=True)
class TaskTally:
    """The counted votes of one task, of at most `n_votes`."""

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
        """With one vote more (`times=-1`: one less)."""
        return TaskTally(
            self.n_votes,
            self.n_counted + times,
            self.n_a + times * (choice == "a"),
            self.n_b + times * (choice == "b"),
        )


def task_status(tally: TaskTally, *, compares: bool, stop_when_decided: bool) -> TaskStatus:
    """`decided` by a majority, `exhausted` at a tie of all votes, else `open`.

    Tasks that do not compare two candidates (`compares=False`) are decided when all answers are in.
    """
    if not compares:
        return "open" if tally.missing else "decided"
    if tally.missing == 0:
        return "decided" if tally.lead else "exhausted"
    return "decided" if stop_when_decided and tally.lead > tally.missing else "open"


def votes_wanted(tally: TaskTally, *, compares: bool, stop_when_decided: bool) -> int:
    """Answers to hand out, those counted included: as many as may settle the task if all agree.

    Of three votes two at first, the third only once the two disagree or one of them cannot tell.
    """
    if not (compares and stop_when_decided):
        return tally.n_votes
    if tally.lead > tally.missing:
        return tally.n_counted
    return min(tally.n_votes, tally.n_counted + (tally.missing - tally.lead) // 2 + 1)

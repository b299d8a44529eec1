"""A number of tasks that is not certain beforehand."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TaskCount:
    """likely: the expected number, between `least` and `most`."""

    least: float = 0
    likely: float = 0
    most: float = 0

    @classmethod
    def exactly(cls, n: int) -> TaskCount:
        return cls(n, n, n)

    def __add__(self, other: TaskCount) -> TaskCount:
        return TaskCount(self.least + other.least, self.likely + other.likely, self.most + other.most)

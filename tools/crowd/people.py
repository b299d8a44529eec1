"""Synthetic workers: how well, how fast and how honestly each answers. Every figure is invented, from a seed.

Pure: NumPy only. Their answers must be labelled synthetic wherever they are stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

Habit = Literal["careful", "random", "left"]


@dataclass(frozen=True, slots=True)
class Person:
    """A worker. skill: factor on the perceived difference; left_bias: logit added to the left; pace_s: median."""

    name: str
    habit: Habit
    skill: float
    left_bias: float
    pace_s: float

    def chooses_left(self, advantage: float, rng: np.random.Generator) -> bool:
        """Return the choice if the left photo is `advantage` closer than the right, in logits."""
        if self.habit == "left":
            return True
        skill = 0.0 if self.habit == "random" else self.skill
        return bool(rng.random() < 1 / (1 + np.exp(-(skill * advantage + self.left_bias))))

    def takes_s(self, rng: np.random.Generator) -> float:
        """Return the seconds for one judgement: log-normal around the person's pace."""
        return float(self.pace_s * np.exp(0.4 * rng.standard_normal()))


def crowd(
    n_workers: int,
    *,
    rng: np.random.Generator,
    random_share: float = 0.15,
    left_share: float = 0.0,
    pace_s: float = 1.8,
) -> list[Person]:
    """Return workers: `random_share` click at random, `left_share` always left; others differ in skill and pace.

    Shares are of `n_workers`, rounded; habits are assigned at random.
    """
    n_random, n_left = round(random_share * n_workers), round(left_share * n_workers)
    habits: list[Habit] = ["careful"] * (n_workers - n_random - n_left)
    habits += ["random"] * n_random
    habits += ["left"] * n_left
    people = []
    for number, row in enumerate(rng.permutation(n_workers)):
        careful = habits[row] == "careful"
        people.append(
            Person(
                name=f"synthetic-{number:04d}",
                habit=habits[row],
                skill=float(np.exp(0.3 * rng.standard_normal())) if careful else 0.0,
                left_bias=float(0.2 * rng.standard_normal()) if careful else 0.0,
                pace_s=float(pace_s * np.exp(0.25 * rng.standard_normal()) * (1.0 if careful else 0.4)),
            )
        )
    return people

"""How many answers, people and hours a plan takes, and what it pays."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil


@dataclass(frozen=True, slots=True)
class Planned:
    """A campaign before it is made.

    n_wanted: votes of a task on which the first workers agree, of at most `votes_per_task`. split_share: of tasks on
    which they disagree. required_answers: of a person; 0: all tasks. reward: for finishing. Both amounts: None if not
    stated.
    """

    n_tasks: int
    votes_per_task: int
    n_wanted: int
    split_share: float
    gold_share: float
    n_gold: int
    n_practice: int
    required_answers: int
    seconds_per_answer: float
    reward: float | None
    cost_per_answer: float | None


@dataclass(frozen=True, slots=True)
class Effort:
    """votes: expected number that counts, between `votes_min` and `votes_max`. pay: None if none is stated."""

    votes_min: int
    votes: int
    votes_max: int
    gold_answers: int
    practice_answers: int
    people: int
    hours: float
    pay: float | None
    pay_per_hour: float | None

    @property
    def answers(self) -> int:
        return self.votes + self.gold_answers + self.practice_answers


def effort_of(plan: Planned) -> Effort:
    """Return the expected effort.

    People: as many as give all answers if each gives the required number, and at least one for each vote of a task, since
    nobody judges a task twice.
    """
    votes_min, votes_max = plan.n_tasks * plan.n_wanted, plan.n_tasks * plan.votes_per_task
    votes = round(votes_min + plan.split_share * (votes_max - votes_min))
    gold = votes * plan.gold_share / (1 - plan.gold_share)
    each = plan.required_answers or plan.n_tasks + plan.n_gold
    people = max(plan.votes_per_task, ceil((votes + gold) / each)) if votes else 0
    gold_answers = min(round(gold), people * plan.n_gold)
    practice_answers = people * plan.n_practice
    hours = (votes + gold_answers + practice_answers) * plan.seconds_per_answer / 3600
    pay = None
    if plan.reward is not None:
        pay = plan.reward * people
    elif plan.cost_per_answer is not None:
        pay = plan.cost_per_answer * (votes + gold_answers + practice_answers)
    per_hour = pay / hours if pay is not None and hours else None
    return Effort(votes_min, votes, votes_max, gold_answers, practice_answers, people, hours, pay, per_hour)

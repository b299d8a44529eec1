"""How many answers, people and hours a plan takes, and what it pays."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from annotation.estimates.tasks import TaskCount


@dataclass(frozen=True, slots=True)
class Planned:
    """A campaign before it is made.

    tasks: those that are not settled. votes_given: on tasks that are settled; `n_settled` of them.

    n_wanted: votes of a task on which the first workers agree, of at most `votes_per_task`. split_share: of tasks on
    which they disagree. required_answers: of a person; 0: all tasks. reward: for finishing. Both amounts: None if not
    stated. most_bonus: the largest possible one of a person; None without a rule.
    """

    tasks: TaskCount
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
    most_bonus: float | None = None
    n_settled: int = 0
    votes_given: int = 0


@dataclass(frozen=True, slots=True)
class Amount:
    """What a number of votes takes. pay: None if none is stated. bonus: the largest possible; None without a rule."""

    votes: int
    gold_answers: int
    practice_answers: int
    people: int
    hours: float
    pay: float | None
    bonus: float | None

    @property
    def pay_per_hour(self) -> float | None:
        """Without the bonus."""
        return self.pay / self.hours if self.pay is not None and self.hours else None

    @property
    def cost(self) -> float | None:
        """Return pay and bonus; None if neither is stated."""
        return None if self.pay is None and self.bonus is None else (self.pay or 0) + (self.bonus or 0)


@dataclass(frozen=True, slots=True)
class Effort:
    """likely: for the expected number of counted votes, which is at least `votes_min`. most: for the largest."""

    votes_min: int
    likely: Amount
    most: Amount


def effort_of(plan: Planned) -> Effort:
    """Return the expected and the largest effort."""
    first, last = plan.tasks.likely * plan.n_wanted, plan.tasks.likely * plan.votes_per_task
    return Effort(
        votes_min=plan.votes_given + round(plan.tasks.least * plan.n_wanted),
        likely=_amount(plan, plan.tasks.likely, first + plan.split_share * (last - first)),
        most=_amount(plan, plan.tasks.most, plan.tasks.most * plan.votes_per_task),
    )


def _amount(plan: Planned, n_tasks: float, votes_to_come: float) -> Amount:
    """Return what the votes take, with those given.

    People: as many as give all answers if each gives the required number, and at least one for each vote of a task, since
    nobody judges a task twice.
    """
    votes = plan.votes_given + round(votes_to_come)
    gold = votes * plan.gold_share / (1 - plan.gold_share)
    each = plan.required_answers or plan.n_settled + n_tasks + plan.n_gold
    people = max(plan.votes_per_task, ceil((votes + gold) / each)) if votes else 0
    gold_answers = min(round(gold), people * plan.n_gold)
    practice_answers = people * plan.n_practice
    answers = votes + gold_answers + practice_answers
    pay = None
    if plan.reward is not None:
        pay = plan.reward * people
    elif plan.cost_per_answer is not None:
        pay = plan.cost_per_answer * answers
    return Amount(
        votes=votes,
        gold_answers=gold_answers,
        practice_answers=practice_answers,
        people=people,
        hours=answers * plan.seconds_per_answer / 3600,
        pay=pay,
        bonus=None if plan.most_bonus is None else plan.most_bonus * people,
    )

"""The experts' answers that are in force."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from annotation.consensus.majority import Outcome
from annotation.models import Campaign, ExpertAnswer


def expert_answers(campaign: Campaign) -> dict[int, ExpertAnswer]:
    """Return the answers in force by task: the last row of each, unless it withdraws the ones before."""
    rows = ExpertAnswer.objects.filter(task__campaign=campaign).select_related("by")
    return _in_force(rows)


def expert_answers_to(tasks: Iterable[int]) -> dict[int, ExpertAnswer]:
    """Return the answers in force to some tasks."""
    return _in_force(ExpertAnswer.objects.filter(task__in=list(tasks)).select_related("by"))


def expert_outcomes(campaign: Campaign) -> dict[int, Outcome]:
    """Return only the outcomes of the answers in force, by task."""
    return {task: cast(Outcome, row.outcome) for task, row in expert_answers(campaign).items()}


def _in_force(rows: Iterable[ExpertAnswer]) -> dict[int, ExpertAnswer]:
    last = {row.task_id: row for row in rows}  # in order of id
    return {task: row for task, row in last.items() if row.outcome}

"""A campaign's tasks as operators see them, with pictures, and chosen by role and state."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet

from annotation.models import Campaign, Task
from annotation.selectors.work import task_cards


def tasks_chosen(
    campaign: Campaign, *, role: str = "", status: str = "", disputed: bool = False
) -> QuerySet[Task]:
    """Return the campaign's tasks, of one role and status if given; disputed: only those with votes for both sides."""
    tasks = Task.objects.filter(campaign=campaign)
    roles = {
        "ordinary": Q(is_gold=False, is_training=False),
        "gold": Q(is_gold=True),
        "practice": Q(is_training=True),
    }
    if role:
        tasks = tasks.filter(roles[role])
    if status:
        tasks = tasks.filter(status=status)
    if disputed:
        tasks = tasks.filter(n_a__gt=0, n_b__gt=0)
    return tasks


def leading_answer(task: Task) -> str:
    """Return the answer that most votes support, to propose it as the right one; empty without a majority."""
    return "" if task.n_a == task.n_b else "a" if task.n_a > task.n_b else "b"


def task_pictures(tasks: Sequence[Task]) -> list[dict[str, Any]]:
    """Return what each task shows: `sketch_url`, `a` and `b`, or `shown`, in a fixed number of queries."""
    return [
        {
            "sketch_url": card["sketch_url"],
            "a": card.get("left"),
            "b": card.get("right"),
            "shown": card.get("product"),
            "leading": leading_answer(task),
        }
        for task, card in zip(tasks, task_cards([(task, True) for task in tasks]), strict=True)
    ]

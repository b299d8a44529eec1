"""Delete tasks that were added by mistake. Never one with a vote: votes are kept for good."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from annotation.models import Assignment, Campaign, CandidateSet, Task, Vote
from annotation.services.audit import audit
from webapp.accounts.models import User

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Deleted:
    """deleted: number of tasks. kept: of those that have votes, or that a worker holds."""

    deleted: int
    kept: int


@transaction.atomic
def tasks_delete(*, campaign: Campaign, ids: Collection[int] | None, by: User | None) -> Deleted:
    """Delete those of the campaign's tasks that have no vote and that no worker holds. ids: None for all tasks."""
    tasks = Task.objects.filter(campaign=campaign)
    if ids is not None:
        tasks = tasks.filter(pk__in=list(ids))
    locked = list(tasks.select_for_update().values_list("pk", flat=True))
    used = Exists(Vote.objects.filter(task=OuterRef("pk"))) | Exists(
        Assignment.objects.filter(task=OuterRef("pk"), status=Assignment.Status.LEASED)
    )
    free = list(Task.objects.filter(~Q(used), pk__in=locked).values_list("pk", flat=True))
    for start in range(0, len(free), _BATCH):
        batch = free[start : start + _BATCH]
        Assignment.objects.filter(task__in=batch).delete()  # handed out once, and never answered
        Task.objects.filter(pk__in=batch).delete()
    left = Task.objects.filter(campaign=campaign).values("sketch")
    CandidateSet.objects.filter(campaign=campaign).exclude(sketch__in=left).delete()
    if free:
        audit("tasks.delete", by=by, campaign=campaign, deleted=len(free), kept=len(locked) - len(free))
    return Deleted(len(free), len(locked) - len(free))

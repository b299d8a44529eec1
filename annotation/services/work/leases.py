"""Renewing, returning and expiring leases. Each change keeps `n_leased` of the task up to date."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from rest_framework.exceptions import NotFound

from annotation.errors import NoWorkerError
from annotation.models import Assignment, Task, Worker
from annotation.services.work.locking import assignment_row, token_ended
from webapp.http.problems import ConflictError

LEASED, RETURNED, EXPIRED = (
    Assignment.Status.LEASED,
    Assignment.Status.RETURNED,
    Assignment.Status.EXPIRED,
)
_BATCH = 500


def assignment_locked(*, worker: Worker, assignment_id: int) -> Assignment:
    """Return the worker's assignment with its task and enrolment, all locked, and the campaign.

    Raises NoWorkerError if the worker has been erased, NotFound if the assignment is not theirs.
    """
    assignment = assignment_row(assignment_id, worker)
    if assignment is None:
        if token_ended(worker):
            raise NoWorkerError
        raise NotFound("You have no assignment with this id.")
    return assignment


@transaction.atomic
def assignment_renew(*, worker: Worker, assignment_id: int, now: datetime) -> Assignment:
    """Renew a lease for its full duration, even after it ended, if its task still has room.

    Raises ConflictError if it has none, or if the assignment has been answered.
    """
    assignment = assignment_locked(worker=worker, assignment_id=assignment_id)
    task, campaign = assignment.task, assignment.enrolment.campaign
    if assignment.status in {RETURNED, EXPIRED}:
        if not (campaign.is_open and (task.has_room or not task.counts)):
            raise ConflictError("The lease has ended and the task has been handed to others.")
        _leased_change(task, +1)
    elif assignment.status != LEASED:
        raise ConflictError("The assignment has already been answered.")
    assignment.status = LEASED
    assignment.renewed += 1
    assignment.lease_expires_at = now + timedelta(seconds=campaign.lease_s)
    assignment.save(update_fields=["status", "renewed", "lease_expires_at"])
    return assignment


@transaction.atomic
def assignment_return(*, worker: Worker, assignment_id: int) -> Assignment:
    """Return the task unanswered, for other workers. Does nothing if no lease is open."""
    assignment = assignment_locked(worker=worker, assignment_id=assignment_id)
    if assignment.status == LEASED:
        assignment.status = RETURNED
        assignment.save(update_fields=["status"])
        _leased_change(assignment.task, -1)
    return assignment


def assignments_return(*, enrolment_id: int) -> int:
    """Return all assignments that a worker holds in a campaign, to other workers; return their number."""
    return _leases_end(enrolment_id=enrolment_id, status=RETURNED)


def leases_expire(*, now: datetime, campaign_id: int | None = None) -> int:
    """Expire overdue leases and return their number. Skips assignments that are being answered right now."""
    due = {"lease_expires_at__lt": now}
    if campaign_id is not None:
        due["task__campaign"] = campaign_id  # type: ignore[assignment]
    return _leases_end(status=EXPIRED, **due)


@transaction.atomic
def _leases_end(*, status: Assignment.Status, **which: object) -> int:
    leased = Assignment.objects.filter(status=LEASED, **which).select_related("task")
    locked = leased.select_for_update(of=("self", "task"), skip_locked=True, no_key=True)
    ended = list(locked.order_by("lease_expires_at")[:_BATCH])
    Assignment.objects.filter(pk__in=[a.pk for a in ended]).update(status=status)
    by_task = Counter(a.task_id for a in ended if a.task.counts)
    for n in set(by_task.values()):
        tasks = [task_id for task_id, ended_here in by_task.items() if ended_here == n]
        Task.objects.filter(pk__in=tasks).update(n_leased=F("n_leased") - n)
    return len(ended)


def _leased_change(task: Task, by: int) -> None:
    if task.counts:
        Task.objects.filter(pk=task.pk).update(n_leased=F("n_leased") + by)

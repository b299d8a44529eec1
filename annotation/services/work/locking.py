"""Rows that a worker's request reads under lock, and the transaction in which it does so.

PostgreSQL locks the rows of the tables named in `of`. SQLite ignores `select_for_update`: its immediate transactions
lock the whole database.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from django.db import connection, transaction
from django.db.models import QuerySet

from annotation.models import Assignment, Enrolment, Task, Worker
from annotation.services.work import statements

_turn = Lock()


@contextmanager
def queued_transaction() -> Iterator[None]:
    """Open a transaction. On SQLite, threads of a process queue for it, since SQLite waits with growing sleeps."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with _turn, transaction.atomic():
            yield
    else:
        with transaction.atomic():
            yield


def assignment_row(assignment_id: int, worker: Worker) -> Assignment | None:
    """Return a worker's assignment with its task and enrolment, all locked, in this order, and the campaign.

    None if it is not theirs, or if erasure has changed the worker's key.
    """
    if connection.vendor == "postgresql":
        return statements.assignment_locked(assignment_id, worker)
    rows = Assignment.objects.select_related("task", "enrolment__campaign")
    locked = rows.select_for_update(of=("self", "task", "enrolment"), no_key=True)
    try:
        assignment = locked.get(pk=assignment_id, worker=worker.pk, worker__key=worker.key)
    except Assignment.DoesNotExist:
        return None
    assignment.task.campaign = assignment.enrolment.campaign
    return assignment


def enrolment_row(worker: Worker, campaign_id: int) -> Enrolment | None:
    """Return a worker's enrolment, with campaign and worker. None also if erasure has changed the worker's key."""
    rows = Enrolment.objects.select_related("campaign", "worker")
    try:
        return rows.get(worker=worker.pk, worker__key=worker.key, campaign=campaign_id)
    except Enrolment.DoesNotExist:
        return None


def token_ended(worker: Worker) -> bool:
    """Return whether the worker's token has been revoked by erasure."""
    return not Worker.objects.filter(pk=worker.pk, key=worker.key).exists()


def enrolment_locked(enrolment_id: int) -> Enrolment:
    """Return a locked enrolment, with campaign. Raises Enrolment.DoesNotExist."""
    rows = Enrolment.objects.select_related("campaign")
    return rows.select_for_update(of=("self",), no_key=True).get(pk=enrolment_id)


def held_assignments(enrolment: Enrolment) -> list[Assignment]:
    """Return the assignments that a worker holds, in order, with their tasks."""
    held = Assignment.objects.filter(enrolment=enrolment, status=Assignment.Status.LEASED)
    return list(held.select_related("task").order_by("position"))


def free_tasks(enrolment: Enrolment, n: int, *, after: int, until: int) -> QuerySet[Task]:
    """Lock up to `n` tasks with room that the worker never had, at positions in (after, until].

    Skips tasks locked by other transactions. Excludes by a subquery rather than `Exists`, which PostgreSQL turns into
    a join that reads all assignments to find a few tasks.
    """
    had = Assignment.objects.filter(enrolment=enrolment).values("task")
    tasks = Task.objects.filter(campaign=enrolment.campaign_id, has_room=True, position__gt=after)
    tasks = tasks.filter(position__lte=until).exclude(pk__in=had).order_by("position", "pk")
    return tasks.select_for_update(skip_locked=True, no_key=True)[:n]

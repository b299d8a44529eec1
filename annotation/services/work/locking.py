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
from webapp.stores.sql import sql_rows

_turn = Lock()
_CLAIMS = 0x5346  # the first key of the advisory locks of capped campaigns


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
    return rows.filter(worker=worker.pk, worker__key=worker.key, campaign=campaign_id).first()


def enrolment_id(worker: Worker, campaign_id: int) -> int | None:
    """Return the ID of what `enrolment_row` returns."""
    sql = """
        SELECT enrolment.id
        FROM annotation_enrolment enrolment
        JOIN annotation_worker worker ON worker.id = enrolment.worker_id
        WHERE worker.id = %s AND worker.key = %s AND enrolment.campaign_id = %s
    """
    found = sql_rows(sql, [worker.pk, worker.key, campaign_id])
    return found[0][0] if found else None


def token_ended(worker: Worker) -> bool:
    """Return whether the worker's token has been revoked by erasure."""
    return not Worker.objects.filter(pk=worker.pk, key=worker.key).exists()


def enrolment_locked(enrolment_id: int) -> Enrolment:
    """Return a locked enrolment, with campaign. Raises Enrolment.DoesNotExist."""
    if connection.vendor == "postgresql":
        return statements.enrolment_locked(enrolment_id)
    rows = Enrolment.objects.select_related("campaign")
    return rows.select_for_update(of=("self",), no_key=True).get(pk=enrolment_id)


def capped_claims_queue(campaign_id: int) -> None:
    """Let claims of a capped campaign take turns from here to the end of the transaction.

    By a lock of their own: the campaign's row is locked for seconds while tasks are added. On SQLite, all writers take
    turns.
    """
    if connection.vendor == "postgresql":
        sql_rows("SELECT pg_advisory_xact_lock(%s, %s)", [_CLAIMS, campaign_id])


def held_ids(enrolment: Enrolment) -> dict[int, bool]:
    """Return the assignments that a worker holds, in order, each with whether it is a practice task."""
    sql = """
        SELECT assignment.id, task.is_training
        FROM annotation_assignment assignment
        JOIN annotation_task task ON task.id = assignment.task_id
        WHERE assignment.enrolment_id = %s AND assignment.status = 'leased'
        ORDER BY assignment.position
    """
    return dict(sql_rows(sql, [enrolment.pk]))


def held_by(enrolment: Enrolment) -> QuerySet[Assignment]:
    """Return the assignments that a worker holds."""
    return Assignment.objects.filter(enrolment=enrolment, status=Assignment.Status.LEASED)


def free_tasks(enrolment: Enrolment, n: int, *, after: int, until: int) -> list[Task]:
    """Lock up to `n` tasks with room that the worker never had, at positions in (after, until].

    Skips tasks locked by other transactions. Excludes by a subquery rather than `Exists`, which PostgreSQL turns into
    a join that reads all assignments to find a few tasks.
    """
    if connection.vendor == "postgresql":
        return statements.free_tasks(enrolment, n, after=after, until=until)
    had = Assignment.objects.filter(enrolment=enrolment).values("task")
    tasks = Task.objects.filter(campaign=enrolment.campaign_id, has_room=True, position__gt=after)
    tasks = tasks.filter(position__lte=until).exclude(pk__in=had).order_by("position", "pk")
    return list(tasks.select_for_update(skip_locked=True, no_key=True)[:n])

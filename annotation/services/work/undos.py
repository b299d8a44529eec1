"""Taking an answer back: a new row that revokes it. The assignment is open again, on the same sides."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import IntegrityError

from annotation.errors import ConflictError
from annotation.models import Assignment, Task, Vote, Worker
from annotation.services.work.counters import counters_update
from annotation.services.work.leases import assignment_locked
from annotation.services.work.locking import transaction_in_turn
from annotation.services.work.votes import Receipt


def vote_undo(*, worker: Worker, assignment_id: int, idempotency_key: str, now: datetime) -> Receipt:
    """Revokes the worker's answer to an assignment, if it is among their last `undo_steps` ones.

    Sending it again gives the first receipt. Raises NotFound, or ConflictError where nothing can be undone.
    """
    try:
        with transaction_in_turn():
            return _undo(worker, assignment_id, idempotency_key, now)
    except IntegrityError:
        earlier = Vote.objects.filter(worker=worker, idempotency_key=idempotency_key).first()
        if earlier is None:
            raise
        return _repeated(earlier, assignment_id)


def _undo(worker: Worker, assignment_id: int, key: str, now: datetime) -> Receipt:
    assignment = assignment_locked(worker=worker, assignment_id=assignment_id)
    task, campaign = assignment.task, assignment.enrolment.campaign
    if same := Vote.objects.filter(worker=worker, idempotency_key=key).first():
        return _repeated(same, assignment_id)
    if assignment.status not in {Assignment.Status.VOTED, Assignment.Status.SKIPPED}:
        raise ConflictError("There is no answer to undo.")
    undone = _answer_that_stands(assignment)
    if task.is_training:
        raise ConflictError("A training task's answer was shown; it cannot be undone.")
    if not campaign.counts_answers:
        raise ConflictError("The campaign is closed; its answers stand.")
    later = Vote.objects.filter(worker=worker, pk__gt=undone.pk, task__campaign=campaign)
    if later.filter(revokes=None, revoked_by=None).count() >= campaign.undo_steps:
        raise ConflictError(f"Only the last {campaign.undo_steps} answers can be undone.")
    row = Vote(
        assignment=assignment,
        task=task,
        worker=worker,
        choice=Vote.Choice.UNDO,
        revokes=undone,
        idempotency_key=key,
        served_release=campaign.release_id,
        device_class=undone.device_class,
        created_at=now,
    )
    row.save(force_insert=True)
    leased, counted = _has_place(task, undone), undone.counted
    if counted:
        undone.counted = False
        undone.save(update_fields=["counted"])
    assignment.status = Assignment.Status.LEASED if leased else Assignment.Status.EXPIRED
    assignment.lease_expires_at = now + timedelta(seconds=campaign.lease_s)
    counters_update(assignment, undone, counted=counted, leases=int(leased), now=now, times=-1)
    return Receipt(row, assignment)


def _answer_that_stands(assignment: Assignment) -> Vote:
    """The first answer since the last undo; what came after it were repetitions."""
    rows = list(Vote.objects.filter(task=assignment.task_id, worker=assignment.worker_id).order_by("id"))
    since = max((i + 1 for i, vote in enumerate(rows) if vote.choice == Vote.Choice.UNDO), default=0)
    return rows[since]


def _has_place(task: Task, undone: Vote) -> bool:
    """Whether the worker can have the task back: a counted answer's place is theirs; an uncounted one had none,
    so there must be room, and without it the next answer is a late one.
    """
    return undone.counted or not task.counts or task.n_counted + task.n_leased < task.n_votes


def _repeated(vote: Vote, assignment_id: int) -> Receipt:
    if vote.assignment_id != assignment_id or vote.choice != Vote.Choice.UNDO:
        raise ConflictError("idempotency_key: was used for another answer; give each its own.")
    assignment = Assignment.objects.select_related("task", "enrolment__campaign").get(pk=vote.assignment_id)
    return Receipt(vote, assignment, repeated=True)

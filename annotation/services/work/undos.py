"""Undoing an answer: a new row revokes it, and the assignment is open again with the same sides."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import IntegrityError

from annotation.models import Assignment, Decision, Enrolment, Task, Vote, Worker
from annotation.services.work.counters import counters_update
from annotation.services.work.leases import assignment_locked
from annotation.services.work.locking import queued_transaction
from annotation.services.work.votes import Receipt
from webapp.http.problems import ConflictError


def vote_undo(*, worker: Worker, assignment_id: int, idempotency_key: str, now: datetime) -> Receipt:
    """Revoke the worker's answer to an assignment, if it is among their last `undo_steps` ones, undone ones included.

    An answer from before an ending, or an operator's decision, is paid and can't be undone. Repeating the request gives
    the first receipt. Raises NotFound, or ConflictError if nothing can be undone.
    """
    try:
        with queued_transaction():
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
    undone = _standing_answer(assignment)
    if task.is_training:
        raise ConflictError(
            "An answer to a practice task cannot be undone: the correct answer has been shown."
        )
    if not campaign.counts_answers:
        raise ConflictError("The campaign is closed; answers can no longer be undone.")
    if _is_paid(assignment.enrolment, undone):
        raise ConflictError("This answer is paid for; it can no longer be undone.")
    later = Vote.objects.filter(worker=worker, pk__gt=undone.pk, task__campaign=campaign, revokes=None)
    if later.exclude(task=task).values("task").distinct().count() >= campaign.undo_steps:
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
    leased, counted = _can_reclaim(task, undone), undone.counted
    if counted:
        undone.counted = False
        undone.save(update_fields=["counted"])
    assignment.status = Assignment.Status.LEASED if leased else Assignment.Status.EXPIRED
    assignment.lease_expires_at = now + timedelta(seconds=campaign.lease_s)
    counters_update(assignment, undone, counted=counted, leases=int(leased), now=now, times=-1)
    return Receipt(row, assignment)


def _standing_answer(assignment: Assignment) -> Vote:
    """Return the first answer since the last undo; later ones are uncounted repetitions."""
    rows = list(Vote.objects.filter(task=assignment.task_id, worker=assignment.worker_id).order_by("id"))
    since = max((i + 1 for i, vote in enumerate(rows) if vote.choice == Vote.Choice.UNDO), default=0)
    return rows[since]


def _is_paid(enrolment: Enrolment, vote: Vote) -> bool:
    """Return whether the worker's ending, or an operator's decision, came after the vote."""
    decided = Decision.objects.filter(enrolment=enrolment).values_list("at", flat=True).first()
    return any(at is not None and vote.created_at <= at for at in (enrolment.ended_at, decided))


def _can_reclaim(task: Task, undone: Vote) -> bool:
    """Return whether the worker can lease the task again.

    A counted answer leaves its slot free for them; an uncounted one had no slot, so the task must have room. Without
    room, the worker's next answer is late.
    """
    return undone.counted or not task.counts or task.n_counted + task.n_leased < task.n_votes


def _repeated(vote: Vote, assignment_id: int) -> Receipt:
    if vote.assignment_id != assignment_id or vote.choice != Vote.Choice.UNDO:
        raise ConflictError("idempotency_key: has been used for another answer; use a new key for each.")
    assignment = Assignment.objects.select_related("task", "enrolment__campaign").get(pk=vote.assignment_id)
    return Receipt(vote, assignment, repeated=True)

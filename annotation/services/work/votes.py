"""Storing answers, with assignment, task and enrolment locked. Every answer is stored, whether it counts or not.

An answer counts if the campaign is open or paused, the worker may work and has not answered the task before, the task
is not settled, and a slot is free that is not reserved by another worker's open lease. The worker's own open lease
reserves a slot even after the task is settled. So an answer in time always counts, and a late one if that takes
nobody's slot. Each answer gets a receipt. Constraints on `Vote` ensure the same limits.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.db import IntegrityError

from annotation.models import Assignment, Sketch, Task, Vote, Worker
from annotation.models.answers import RESPONSE_MAX_MS
from annotation.services.work.counters import counters_update
from annotation.services.work.leases import assignment_locked
from annotation.services.work.locking import queued_transaction
from webapp.http.problems import ConflictError

_PASSED = {Vote.Choice.SKIP, Vote.Choice.CANT}
_REPEATS = 20  # answers stored per assignment


@dataclass(frozen=True, slots=True)
class Answer:
    """A worker's answer. `choice` is the side of a candidate (left, right) or a `Vote.Choice`."""

    choice: str
    idempotency_key: str
    response_ms: int | None = None
    device_class: str = ""
    values: dict[str, bool | None] | None = None
    sketch: Sketch | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof of an answer: its row, and the assignment with task, enrolment and campaign."""

    vote: Vote
    assignment: Assignment
    repeated: bool = False


def vote_cast(*, worker: Worker, assignment_id: int, answer: Answer, now: datetime) -> Receipt:
    """Store an answer, once per idempotency key. Repeating the request gives the first receipt.

    Raises NotFound for another worker's assignment, ConflictError if the key was used for another answer.
    """
    try:
        with queued_transaction():
            return _cast(worker, assignment_id, answer, now)
    except IntegrityError:
        earlier = Vote.objects.filter(worker=worker, idempotency_key=answer.idempotency_key).first()
        if earlier is None:
            raise
        return _repeated(earlier, assignment_id, answer)


def _cast(worker: Worker, assignment_id: int, answer: Answer, now: datetime) -> Receipt:
    assignment = assignment_locked(worker=worker, assignment_id=assignment_id)
    task, enrolment = assignment.task, assignment.enrolment
    campaign = enrolment.campaign
    answered = assignment.status in {Assignment.Status.VOTED, Assignment.Status.SKIPPED}
    if answered:
        earlier = Vote.objects.filter(task=task, worker=worker)
        if same := earlier.filter(idempotency_key=answer.idempotency_key).first():
            return _repeated(same, assignment_id, answer)
        if earlier.count() >= _REPEATS:
            raise ConflictError("The assignment has been answered too many times.")
    choice, side = chosen(answer.choice, left_is_a=assignment.left_is_a)
    leased = assignment.status == Assignment.Status.LEASED
    may_count = not answered and campaign.counts_answers and enrolment.may_work
    slot = _free_slot(task, leased=leased) if may_count and choice in Vote.COUNTABLE else None
    vote = Vote(
        assignment=assignment,
        task=task,
        worker=worker,
        choice=choice,
        side=side,
        values=answer.values,
        sketch=answer.sketch,
        counted=slot is not None,
        slot=slot,
        late=not leased or now > assignment.lease_expires_at,
        is_right=is_right(task, choice, answer.values) if may_count or task.is_training else None,
        measured_ms=_measured_ms(assignment, now),
        response_ms=answer.response_ms,
        idempotency_key=answer.idempotency_key,
        served_release=campaign.release_id,
        device_class=answer.device_class,
        created_at=now,
    )
    vote.save(force_insert=True)
    if not answered:
        assignment.status = Assignment.Status.SKIPPED if choice in _PASSED else Assignment.Status.VOTED
        counters_update(assignment, vote, counted=vote.counted, leases=-leased, now=now)
    return Receipt(vote, assignment)


def _measured_ms(assignment: Assignment, now: datetime) -> int:
    """Return the time since the task was delivered, or since the worker's last answer if that came later, in ms.

    Tasks are delivered ahead, so that several wait since the same moment. At least 1: 0 is unknown.
    """
    last = assignment.enrolment.last_answer_at
    since = max(assignment.leased_at, last) if last else assignment.leased_at
    return min(max(1, round((now - since).total_seconds() * 1000)), RESPONSE_MAX_MS)


def chosen(choice: str, *, left_is_a: bool) -> tuple[str, str]:
    """Return a choice as stored, and its side: "left" with A on the left gives ("a", "left")."""
    if choice not in {"left", "right"}:
        return choice, ""
    return ("a" if (choice == "left") == left_is_a else "b"), choice


def _free_slot(task: Task, *, leased: bool) -> int | None:
    """Return the lowest free slot; None if all are taken or reserved by other workers' leases."""
    if not task.counts or not (leased or task.status == Task.Status.OPEN):
        return None
    if task.n_counted + task.n_leased - leased >= task.n_votes:
        return None
    if not task.n_undone:
        return task.n_counted + 1
    taken = set(Vote.objects.filter(task=task, counted=True).values_list("slot", flat=True))
    return min(set(range(1, task.n_votes + 1)) - taken)


def is_right(task: Task, choice: str, values: dict[str, bool | None] | None) -> bool | None:
    """Return whether an answer to a gold or practice task is right; None for other tasks and for skips."""
    if task.gold_answer is None or choice in _PASSED:
        return None
    if choice == Vote.Choice.VALUES:
        return all((values or {}).get(slug) == right for slug, right in dict(task.gold_answer).items())
    return bool(choice == task.gold_answer)


def _repeated(vote: Vote, assignment_id: int, answer: Answer) -> Receipt:
    """Return the first receipt of a key. Raises ConflictError if the key was used with another answer."""
    assignment = Assignment.objects.select_related("task", "enrolment__campaign").get(pk=vote.assignment_id)
    choice, _ = chosen(answer.choice, left_is_a=assignment.left_is_a)
    if vote.assignment_id != assignment_id or (vote.choice, vote.values) != (choice, answer.values):
        raise ConflictError("idempotency_key: has been used for another answer; use a new key for each.")
    return Receipt(vote, assignment, repeated=True)

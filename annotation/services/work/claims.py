"""Handing out work: one transaction under the worker's enrolment lock.

The enrolment is locked first, so that a worker's own double clicks wait for each other; then tasks, passing
over those that another transaction holds (`SKIP LOCKED`; on SQLite writers take turns). A claim that holds a
lock waits for no other, so there is no deadlock with the answers, which take assignment and task first and
the enrolment last. A handed-out task counts in `n_leased` at once: open leases and counted votes never exceed
`n_votes`, which the table's constraint states again.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import sleep
from typing import Any, NamedTuple

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from annotation.errors import BlockedError
from annotation.models import Assignment, Campaign, Enrolment, Task
from annotation.sampling.sides import gold_due, left_is_a
from annotation.services.work.leases import leases_expire
from annotation.services.work.locking import (
    enrolment_locked,
    free_tasks,
    held_assignments,
    transaction_in_turn,
)

MAX_HELD = 8  # assignments that a worker may hold at once
_PASS_OVER: dict[str, Any] = {"skip_locked": True, "no_key": True}
_PAUSES_S = (0.004, 0.016, 0.064)  # the last tasks may all be locked for the moment of somebody's answer
_LAST = 2**31 - 1  # no task's position lies behind it
_CLAIM_FIELDS = (
    "cursor",
    "n_served",
    "trained_at",
    "qualified",
    "session_started_at",
    "session_done",
    "last_seen_at",
)
SESSION_GAP = timedelta(minutes=30)  # who stays away for longer begins a new session


@dataclass(frozen=True, slots=True)
class Claim:
    """What a worker gets: assignments, each with its task; the enrolment, with the session's counters."""

    assignments: list[Assignment]
    enrolment: Enrolment


class _Found(NamedTuple):
    """What is to be handed out: locked tasks that the worker never had; assignments that they had let go."""

    tasks: Sequence[Task] = ()
    back: Sequence[Assignment] = ()


def assignments_claim(
    *, enrolment_id: int, wanted: int = 1, have: Collection[int] = (), now: datetime
) -> Claim:
    """Up to `wanted` assignments besides those in `have`: what the worker holds already, then new ones.

    Asking twice without answering gives the same assignments. Raises BlockedError.
    """
    with transaction_in_turn():
        return _claimed(_locked(enrolment_id, now), wanted, have, now)


def _claimed(enrolment: Enrolment, wanted: int, have: Collection[int], now: datetime) -> Claim:
    held = held_assignments(enrolment)
    if not enrolment.campaign.is_open or enrolment.completed_at:
        return Claim([], enrolment)
    offered = _renewed([a for a in held if a.pk not in have][:wanted], enrolment.campaign, now)
    room = min(wanted - len(offered), MAX_HELD - len(held), _session_room(enrolment, len(held)))
    found = _Found()
    if room > 0:
        found = _fresh(enrolment, room, holds_training=any(a.task.is_training for a in held), now=now)
    return Claim([*offered, *_leased(enrolment, found.tasks, now), *found.back], enrolment)


def _locked(enrolment_id: int, now: datetime) -> Enrolment:
    """The enrolment under its lock, in a session of now. Raises BlockedError."""
    enrolment = enrolment_locked(enrolment_id)
    if enrolment.blocked:
        raise BlockedError(f"You cannot go on in this campaign: {enrolment.block_reason}")
    if not enrolment.qualified:
        raise BlockedError("You cannot go on in this campaign: too few training tasks were right.")
    if enrolment.last_seen_at is None or now - enrolment.last_seen_at > SESSION_GAP:
        enrolment.session_started_at, enrolment.session_done = now, 0
    return enrolment


def _renewed(assignments: list[Assignment], campaign: Campaign, now: datetime) -> list[Assignment]:
    """The same with a whole lease ahead, since whoever asks is here; less those being answered this moment."""
    if not assignments:
        return []
    locked = Assignment.objects.select_for_update(**_PASS_OVER)
    still = locked.filter(pk__in=[a.pk for a in assignments], status=Assignment.Status.LEASED)
    ids = set(still.values_list("pk", flat=True))
    expires = now + timedelta(seconds=campaign.lease_s)
    Assignment.objects.filter(pk__in=ids).update(lease_expires_at=expires)
    renewed = [a for a in assignments if a.pk in ids]
    for assignment in renewed:
        assignment.lease_expires_at = expires
    return renewed


def _session_room(enrolment: Enrolment, n_held: int) -> int:
    cap = enrolment.campaign.session_cap
    return cap - enrolment.session_done - n_held if cap else MAX_HELD


def _fresh(enrolment: Enrolment, n: int, *, holds_training: bool, now: datetime) -> _Found:
    """Up to `n` further ones: training first, then work with gold among it."""
    campaign = enrolment.campaign
    if not enrolment.is_trained:
        training = list(_unseen(enrolment).filter(is_training=True).order_by("position", "pk")[:n])
        back = _taken_back(enrolment, n - len(training), Q(task__is_training=True), now)
        if training or back or holds_training:
            return _Found(training, back)
        _training_finished(enrolment, now)
        if not enrolment.qualified:
            return _Found()
    n_gold = sum(
        gold_due(
            seed=campaign.seed,
            enrolment_id=enrolment.pk,
            position=enrolment.n_served + i,
            share=campaign.gold_share,
        )
        for i in range(n)
    )
    gold = list(_unseen(enrolment).filter(is_gold=True).order_by("position", "pk")[:n_gold]) if n_gold else []
    found = _work(enrolment, gold, n - len(gold), now)
    if not any(found) and leases_expire(now=now, campaign_id=campaign.pk):
        found = _work(enrolment, [], n, now)
    return found


def _work(enrolment: Enrolment, gold: list[Task], n: int, now: datetime) -> _Found:
    """`gold` and up to `n` others: tasks this worker never had, then those that they let go."""
    tasks = _with_room(enrolment, n)
    back = _taken_back(enrolment, n - len(tasks), Q(task__has_room=True), now)
    return _Found(gold + tasks, back)


def _training_finished(enrolment: Enrolment, now: datetime) -> None:
    enrolment.trained_at = now
    right, of = enrolment.n_training_right, enrolment.n_training
    enrolment.qualified = right >= enrolment.campaign.qualification_share * of


def _unseen(enrolment: Enrolment) -> QuerySet[Task]:
    """The campaign's tasks that this worker never had."""
    had = Assignment.objects.filter(task=OuterRef("pk"), worker=enrolment.worker_id)
    return Task.objects.filter(~Exists(had), campaign=enrolment.campaign_id)


def _with_room(enrolment: Enrolment, n: int) -> list[Task]:
    """Up to `n` locked tasks with room, from where the worker stood; past the end, from the beginning."""
    if n <= 0:
        return []
    for pause_s in _PAUSES_S:
        tasks = list(free_tasks(enrolment, n, after=enrolment.cursor, until=_LAST))
        if len(tasks) < n and enrolment.cursor >= 0:
            tasks += free_tasks(enrolment, n - len(tasks), after=-1, until=enrolment.cursor)
        if tasks or not _unseen(enrolment).filter(has_room=True).exists():
            break
        sleep(pause_s)
    if tasks:
        enrolment.cursor = tasks[-1].position
    return tasks


def _leased(enrolment: Enrolment, tasks: Sequence[Task], now: datetime) -> list[Assignment]:
    """New assignments of locked tasks, stored with the enrolment's new state."""
    first, campaign = enrolment.n_served, enrolment.campaign
    enrolment.n_served += len(tasks)
    assignments = [
        Assignment(
            task=task,
            worker_id=enrolment.worker_id,
            enrolment=enrolment,
            leased_at=now,
            lease_expires_at=now + timedelta(seconds=campaign.lease_s),
            left_is_a=left_is_a(seed=campaign.seed, enrolment_id=enrolment.pk, position=first + i),
            position=first + i,
        )
        for i, task in enumerate(tasks)
    ]
    enrolment.last_seen_at = now
    enrolment.save(update_fields=_CLAIM_FIELDS)
    if counting := [task for task in tasks if task.counts]:
        Task.objects.filter(pk__in=[task.pk for task in counting]).update(n_leased=F("n_leased") + 1)
        for task in counting:
            task.n_leased += 1
    return Assignment.objects.bulk_create(assignments)


def _taken_back(enrolment: Enrolment, n: int, which: Q, now: datetime) -> list[Assignment]:
    """Up to `n` of the assignments that this worker let go: the same rows, leased again."""
    if n <= 0:
        return []
    let_go = [Assignment.Status.EXPIRED, Assignment.Status.RETURNED]
    rows = Assignment.objects.filter(which, enrolment=enrolment, status__in=let_go).select_related("task")
    locked = rows.select_for_update(of=("self", "task"), **_PASS_OVER)
    back = list(locked.order_by("position")[:n])
    if not back:
        return []
    expires = now + timedelta(seconds=enrolment.campaign.lease_s)
    Assignment.objects.filter(pk__in=[a.pk for a in back]).update(
        status=Assignment.Status.LEASED, leased_at=now, lease_expires_at=expires
    )
    counting = [a.task_id for a in back if a.task.counts]
    Task.objects.filter(pk__in=counting).update(n_leased=F("n_leased") + 1)
    for assignment in back:
        assignment.status, assignment.lease_expires_at = Assignment.Status.LEASED, expires
    return back

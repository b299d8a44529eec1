"""Handing out tasks, in one transaction that holds the worker's enrolment lock.

The enrolment is locked first, which serialises a worker's own double clicks; then tasks, skipping those locked by
other transactions (`SKIP LOCKED`; on SQLite, writers take turns). A claim that holds a lock never waits for another
one, so it cannot deadlock with answers, which lock assignment and task first and the enrolment last. Where spending is
capped, claims take turns once they have their enrolment's lock; nothing else takes that turn. A task handed out
counts in `n_leased` at once: open leases and counted votes never exceed `n_votes`, as a constraint also ensures.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import sleep
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from annotation.errors import BlockedError
from annotation.models import Assignment, Enrolment, Task, Vote
from annotation.sampling.sides import gold_due, left_is_a
from annotation.selectors.money.spending import cap_of, spending_room
from annotation.selectors.standing import session_over
from annotation.services.work import statements
from annotation.services.work.leases import leases_expire
from annotation.services.work.locking import (
    capped_claims_queue,
    enrolment_locked,
    free_tasks,
    held_by,
    held_ids,
    queued_transaction,
)

MAX_HELD = 8  # assignments that a worker may hold at once
_SKIP_LOCKED: dict[str, Any] = {"skip_locked": True, "no_key": True}
_PAUSES_S = (0.004, 0.016, 0.064)  # other workers' answers may briefly lock all remaining tasks
_LAST = 2**31 - 1  # the highest position of a task
_CLAIM_FIELDS = (
    "cursor",
    "n_served",
    "trained_at",
    "qualified",
    "session_started_at",
    "session_done",
    "last_seen_at",
)


@dataclass(frozen=True, slots=True)
class Claim:
    """Assignments handed to a worker, each with its task, and the enrolment with the session's counters."""

    assignments: list[Assignment]
    enrolment: Enrolment


class _Found(NamedTuple):
    """What to hand out: locked tasks new to the worker, and reclaimed assignments that they had returned or lost."""

    tasks: Sequence[Task] = ()
    reclaimed: Sequence[Assignment] = ()


def assignments_claim(
    *, enrolment_id: int, wanted: int = 1, have: Collection[int] = (), now: datetime
) -> Claim:
    """Return up to `wanted` assignments that are not in `have`: first those the worker holds, then new ones.

    Calling it twice without an answer between gives the same assignments. Raises BlockedError.
    """
    with queued_transaction():
        return _claimed(_locked(enrolment_id, now), wanted, have, now)


def _claimed(enrolment: Enrolment, wanted: int, have: Collection[int], now: datetime) -> Claim:
    if not enrolment.campaign.is_open:
        return Claim([], enrolment)
    held = held_ids(enrolment)
    offered = _renewed([pk for pk in held if pk not in have][:wanted], enrolment, now)
    room = min(wanted - len(offered), MAX_HELD - len(held), _session_room(enrolment, len(held)))
    found = _Found()
    if room > 0:
        if cap_of(enrolment.campaign) is not None:
            capped_claims_queue(enrolment.campaign_id)  # otherwise two may both take what is left
        room = spending_room(enrolment, wanted=room, now=now)
    if room > 0:
        found = _fresh(enrolment, room, holds_training=any(held.values()), now=now)
    if offered or any(found):
        enrolment.last_seen_at = now  # asking in vain does not prolong a session that has reached its cap
    return Claim([*offered, *_leased(enrolment, found.tasks, now), *found.reclaimed], enrolment)


def _locked(enrolment_id: int, now: datetime) -> Enrolment:
    """Return the locked enrolment, in its current or a new session. Raises BlockedError."""
    enrolment = enrolment_locked(enrolment_id)
    if enrolment.blocked:
        raise BlockedError(enrolment.block_reason)
    if not enrolment.qualified:
        raise BlockedError("too few of your practice answers were correct.")
    if session_over(enrolment, now=now):
        enrolment.session_started_at, enrolment.session_done = now, 0
    return enrolment


def _renewed(ids: Collection[int], enrolment: Enrolment, now: datetime) -> list[Assignment]:
    """Renew the leases for their full duration; leave out assignments that are being answered right now."""
    if not ids:
        return []
    held = held_by(enrolment).filter(pk__in=ids).select_related("task").order_by("position")
    renewed = list(held.select_for_update(of=("self",), **_SKIP_LOCKED))
    expires = now + timedelta(seconds=enrolment.campaign.lease_s)
    Assignment.objects.filter(pk__in=[a.pk for a in renewed]).update(lease_expires_at=expires)
    for assignment in renewed:
        assignment.lease_expires_at = expires
    return renewed


def _session_room(enrolment: Enrolment, n_held: int) -> int:
    cap = enrolment.campaign.session_cap
    return cap - enrolment.session_done - n_held if cap else MAX_HELD


def _fresh(enrolment: Enrolment, n: int, *, holds_training: bool, now: datetime) -> _Found:
    """Find up to `n` more: practice tasks first, then ordinary tasks with gold tasks among them."""
    campaign = enrolment.campaign
    if not enrolment.is_trained:
        training = list(_unseen(enrolment).filter(is_training=True).order_by("position", "pk")[:n])
        reclaimed = _reclaimed(enrolment, n - len(training), Q(task__is_training=True), now)
        if training or reclaimed or holds_training:
            return _Found(training, reclaimed)
        _training_finished(enrolment, now)
        if not enrolment.qualified:
            return _Found()
    due = [
        gold_due(
            seed=campaign.seed,
            enrolment_id=enrolment.pk,
            position=enrolment.n_served + i,
            share=campaign.gold_share,
        )
        for i in range(n)
    ]
    gold = list(_unseen_gold(enrolment)[: sum(due)]) if any(due) else []
    found = _work(enrolment, gold, due, now)
    if not any(found) and leases_expire(now=now, campaign_id=campaign.pk):
        found = _work(enrolment, [], due, now)
    return found


def _work(enrolment: Enrolment, gold: Sequence[Task], due: Sequence[bool], now: datetime) -> _Found:
    """Return `len(due)` tasks at most: `gold` where it is due, others new to this worker, then reclaimed ones."""
    n = len(due) - len(gold)
    tasks = _with_room(enrolment, n)
    expired = Q(task__has_room=True) | Q(task__is_gold=True)
    reclaimed = _reclaimed(enrolment, n - len(tasks), expired, now)
    return _Found(_mixed(gold, tasks, due), reclaimed)


def _mixed(gold: Sequence[Task], others: Sequence[Task], due: Sequence[bool]) -> list[Task]:
    """Return all tasks, with gold at the places where it is due, so that its place in a batch reveals nothing."""
    golds, rest = list(gold), list(others)
    mixed = [(golds if is_due else rest).pop(0) for is_due in due if (golds if is_due else rest)]
    return [*mixed, *golds, *rest]


def _training_finished(enrolment: Enrolment, now: datetime) -> None:
    """Store whether the worker has passed the practice. Whoever skipped some of it has not."""
    enrolment.trained_at = now
    right, of = enrolment.n_training_right, enrolment.n_training
    practice = Vote.objects.filter(task__campaign=enrolment.campaign_id, task__is_training=True)
    skipped = practice.filter(worker=enrolment.worker_id, choice=Vote.Choice.SKIP).exists()
    enrolment.qualified = not skipped and right >= enrolment.campaign.qualification_share * of


def _unseen(enrolment: Enrolment) -> QuerySet[Task]:
    """Return the campaign's tasks that this worker never had."""
    had = Assignment.objects.filter(task=OuterRef("pk"), worker=enrolment.worker_id)
    return Task.objects.filter(~Exists(had), campaign=enrolment.campaign_id)


def _unseen_gold(enrolment: Enrolment) -> QuerySet[Task]:
    """Return gold tasks new to the worker, without copies of triplets that they have judged."""
    same = {f"task__{name}": OuterRef(name) for name in ("campaign", "sketch", "candidate_a", "candidate_b")}
    judged = Assignment.objects.filter(worker=enrolment.worker_id, **same)
    return _unseen(enrolment).filter(~Exists(judged), is_gold=True).order_by("position", "pk")


def _with_room(enrolment: Enrolment, n: int) -> list[Task]:
    """Lock up to `n` tasks with room, starting at the worker's cursor and wrapping around at the end."""
    if n <= 0:
        return []
    capped = cap_of(enrolment.campaign) is not None  # then others wait for this claim
    for pause_s in _PAUSES_S[:1] if capped else _PAUSES_S:
        tasks = free_tasks(enrolment, n, after=enrolment.cursor, until=_LAST)
        if len(tasks) < n and enrolment.cursor >= 0:
            tasks += free_tasks(enrolment, n - len(tasks), after=-1, until=enrolment.cursor)
        if tasks or not _unseen(enrolment).filter(has_room=True).exists():
            break
        sleep(pause_s)
    if tasks:
        enrolment.cursor = tasks[-1].position
    return tasks


def _leased(enrolment: Enrolment, tasks: Sequence[Task], now: datetime) -> list[Assignment]:
    """Create assignments of locked tasks, and store the enrolment's new state."""
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
    counting = [task for task in tasks if task.counts]
    claim_store(enrolment, counting)
    for task in counting:
        task.n_leased += 1
    return Assignment.objects.bulk_create(assignments)


def claim_store(enrolment: Enrolment, leased: Sequence[Task]) -> None:
    """Store the enrolment's new state, and one more open lease of each of the tasks."""
    if connection.vendor == "postgresql":
        statements.claim_store(enrolment, _CLAIM_FIELDS, leased)
        return
    enrolment.save(update_fields=_CLAIM_FIELDS)
    Task.objects.filter(pk__in=[task.pk for task in leased]).update(n_leased=F("n_leased") + 1)


def _reclaimed(enrolment: Enrolment, n: int, which: Q, now: datetime) -> list[Assignment]:
    """Lease again up to `n` of this worker's expired or returned assignments."""
    if n <= 0:
        return []
    released = [Assignment.Status.EXPIRED, Assignment.Status.RETURNED]
    rows = Assignment.objects.filter(which, enrolment=enrolment, status__in=released).select_related("task")
    locked = rows.select_for_update(of=("self", "task"), **_SKIP_LOCKED)
    reclaimed = list(locked.order_by("position")[:n])
    if not reclaimed:
        return []
    expires = now + timedelta(seconds=enrolment.campaign.lease_s)
    Assignment.objects.filter(pk__in=[a.pk for a in reclaimed]).update(
        status=Assignment.Status.LEASED, leased_at=now, lease_expires_at=expires
    )
    counting = [a.task_id for a in reclaimed if a.task.counts]
    Task.objects.filter(pk__in=counting).update(n_leased=F("n_leased") + 1)
    for assignment in reclaimed:
        assignment.status, assignment.lease_expires_at = Assignment.Status.LEASED, expires
    return reclaimed

"""Rounds of pairs as jobs: requested when a worker finds too few tasks, made by a worker of the site.

A worker's request never waits for a round. They get what there is, and their page asks again in a moment.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

import structlog
from celery import current_app
from django.db import IntegrityError, transaction
from django.utils import timezone

from annotation.models import Campaign, PairRound
from annotation.selectors.rounds import due_sets
from annotation.services.tasks.rounds import round_add
from annotation.services.work.claims import Claim, assignments_claim
from webapp.jobs.leases import LeaseLostError, claim, unattended

log = structlog.get_logger(__name__)

JOB = "annotation.jobs.pair_round_job"  # by name, since jobs are above services
LEASE = timedelta(minutes=1)  # a batch takes about a second
MAX_ATTEMPTS = 3  # a round that stops its worker must not stop all of them for ever
RETRY_AFTER = timedelta(minutes=10)
_ACTIVE = [PairRound.Status.QUEUED, PairRound.Status.RUNNING]


def claim_or_request(
    *, enrolment_id: int, wanted: int = 1, have: Collection[int] = (), now: datetime
) -> Claim:
    """Return what `assignments_claim` does; if that is too little, request the next round. Raises BlockedError."""
    found = assignments_claim(enrolment_id=enrolment_id, wanted=wanted, have=have, now=now)
    campaign = found.enrolment.campaign
    if len(found.assignments) < wanted and campaign.is_open:
        pair_round_request(campaign=campaign, now=now)
    return found


def pair_round_request(*, campaign: Campaign, now: datetime) -> None:
    """Have a worker of the site add the next pairs, if some are due and none is about to.

    If the broker is unavailable, the reaper wakes a worker later.
    """
    rounds = PairRound.objects.filter(campaign=campaign)
    failed = rounds.filter(status=PairRound.Status.FAILED, finished_at__gt=now - RETRY_AFTER)
    if not due_sets(campaign).exists() or rounds.filter(status__in=_ACTIVE).exists() or failed.exists():
        return
    try:
        with transaction.atomic():
            row = PairRound.objects.create(campaign=campaign, created_at=now)
            transaction.on_commit(lambda: current_app.send_task(JOB, [row.pk]), robust=True)
    except IntegrityError:  # another request was first
        return


def pair_round_run(*, round_id: int) -> None:
    """Add the pairs of a waiting round, unless another worker does. Earlier rounds that are done are deleted."""
    rows = PairRound.objects.filter(attempts__lt=MAX_ATTEMPTS)
    lease = claim(rows, round_id, now=timezone.now(), expires_after=LEASE)
    if lease is None:
        return
    campaign = PairRound.objects.select_related("campaign").get(pk=round_id).campaign
    try:
        made = round_add(campaign=campaign, now=timezone.now(), tick=lambda n_made: lease.keep(n_made=n_made))
        lease.write(status=PairRound.Status.DONE, n_made=made, finished_at=timezone.now())
    except LeaseLostError:
        log.warning("pair_round_taken_over", round_id=round_id)
        return
    done = PairRound.objects.filter(campaign=campaign, status=PairRound.Status.DONE)
    done.exclude(pk=round_id).delete()


def pair_rounds_unattended(*, now: datetime) -> list[int]:
    """Return rounds whose worker is gone or whose message was lost; give up those that stopped several workers."""
    silent = PairRound.objects.filter(
        status=PairRound.Status.RUNNING, attempts__gte=MAX_ATTEMPTS, heartbeat_at__lt=now - LEASE
    )
    silent.update(status=PairRound.Status.FAILED, finished_at=now)
    return unattended(PairRound.objects.filter(attempts__lt=MAX_ATTEMPTS), now=now, after=LEASE)

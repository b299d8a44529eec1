"""Delete idle workers without votes, and donated sketches that no task uses. Votes never expire."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import structlog
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, ProtectedError

from annotation.models import Assignment, AuditEvent, CandidateSet, Enrolment, Sketch, Task, Vote, Worker
from annotation.services.retention.quotas import idle_workers
from webapp.stores.quotas import expiry_cutoff

log = structlog.get_logger(__name__)
_BATCH = 200


def idle_workers_expire(*, now: datetime) -> int:
    """Delete workers without account, votes or held assignments who were not seen for `IDLE_WORKER_DAYS`.

    Return their number. A worker who starts to vote meanwhile is kept: a foreign key refuses the deletion.
    """
    before = expiry_cutoff(settings.IDLE_WORKER_DAYS, now)
    if before is None:
        return 0
    of_worker = {"worker": OuterRef("pk")}
    workers = idle_workers().filter(
        ~Exists(Enrolment.objects.filter(last_seen_at__gte=before, **of_worker)),
        ~Exists(Enrolment.objects.filter(blocked=True, **of_worker)),
        ~Exists(Assignment.objects.filter(status=Assignment.Status.LEASED, **of_worker)),
        ~Exists(AuditEvent.objects.filter(**of_worker)),
        created_at__lt=before,
    )
    n = 0
    for ids in _batches(list(workers.order_by("pk").values_list("pk", flat=True))):
        try:
            with transaction.atomic():
                Assignment.objects.filter(worker__in=ids).delete()
                Enrolment.objects.filter(worker__in=ids).delete()
                n += Worker.objects.filter(pk__in=ids).delete()[0]
        except (IntegrityError, ProtectedError) as error:  # the next night tries again
            log.warning("idle_workers_kept", error=str(error))
    log.info("idle_workers_expired", n=n)
    return n


def gifts_expire(*, now: datetime) -> int:
    """Delete donated sketches older than `GIFT_DAYS` that no task, candidate set or vote uses; return their number."""
    before = expiry_cutoff(settings.GIFT_DAYS, now)
    if before is None:
        return 0
    named = [model.objects.filter(sketch=OuterRef("pk")) for model in (Task, CandidateSet, Vote)]
    gifts = Sketch.objects.filter(
        *(~Exists(rows) for rows in named), source=Sketch.Source.VISITOR, created_at__lt=before
    )
    n = 0
    for ids in _batches(list(gifts.order_by("pk").values_list("pk", flat=True))):
        try:
            with transaction.atomic():
                n += Sketch.objects.filter(pk__in=ids).delete()[0]
        except (IntegrityError, ProtectedError) as error:
            log.warning("gifts_kept", error=str(error))
    log.info("gifts_expired", n=n)
    return n


def _batches(ids: Sequence[int]) -> list[Sequence[int]]:
    return [ids[start : start + _BATCH] for start in range(0, len(ids), _BATCH)]

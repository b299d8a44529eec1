"""Exporting and erasing personal data held by annotation. Votes stay, without the person's identity."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from annotation.models import Enrolment, Submission, Vote, Worker
from annotation.models.workers import worker_key
from annotation.services.audit import audit
from annotation.services.work.leases import assignments_return
from webapp.accounts.models import User

_ENROLMENT = (
    "campaign__slug",
    "created_at",
    "consented_at",
    "consent__number",
    "consent__text",
    "study_id",
    "panel_session",
    "blocked",
    "block_reason",
    "warning",
    "ending",
    "ended_at",
    "completion_code",
    "pay",
    "decision__verdict",
    "decision__pay",
    "decision__bonus",
    "decision__reason",
    "submission__status",
)
_VOTE = (
    "id",
    "task__campaign__slug",
    "task_id",
    "choice",
    "values",
    "side",
    "measured_ms",
    "response_ms",
    "device_class",
    "created_at",
)


def worker_export(worker: Worker) -> dict[str, Any]:
    """Return everything stored about a worker, ready for JSON."""
    sketches = Vote.objects.filter(worker=worker, sketch__isnull=False).values_list("sketch__key", flat=True)
    return {
        "worker": str(worker),
        "panel": worker.panel,
        "panel_id": worker.panel_id,
        "consented_at": worker.consented_at,
        "created_at": worker.created_at,
        "enrolments": list(worker.enrolments.values(*_ENROLMENT)),
        "votes": list(worker.votes.order_by("id").values(*_VOTE)),
        "sketches": list(sketches),
    }


@transaction.atomic
def worker_erase(worker: Worker, *, by: User | None = None, reason: str = "") -> None:
    """Remove the link to the person: account, participant ID, code and token. The votes keep the worker's id.

    Of a participant ID, only the keyed hash stays, by which campaigns exclude earlier participants. by: the operator who
    erases on request; None if the worker does.
    """
    for enrolment in worker.enrolments.all():
        assignments_return(enrolment_id=enrolment.pk)
    Enrolment.objects.filter(worker=worker).update(
        participant=None, study_id="", panel_session="", completion_code=""
    )
    Worker.objects.filter(pk=worker.pk).update(
        user=None, panel="", panel_id="", key=worker_key(), consented_at=None, erased_at=timezone.now()
    )
    Submission.objects.filter(enrolment__worker=worker).delete()
    audit("worker.erase", by=by, worker=worker, reason=reason)


@transaction.atomic
def participant_erase(*, provider: str, participant: str, by: User | None, reason: str = "") -> int:
    """Erase every worker with this participant ID of a panel, in all campaigns; return their number."""
    workers = Worker.objects.select_for_update(no_key=True).filter(panel=provider, panel_id=participant)
    found = list(workers.order_by("pk"))
    for worker in found:
        worker_erase(worker, by=by, reason=reason)
    return len(found)


def user_export(user: User) -> dict[str, Any] | None:
    """Return what is stored about a user's worker, for the export of an account's personal data."""
    worker = Worker.objects.filter(user=user).first()
    return worker_export(worker) if worker else None


def user_erase(user: User) -> None:
    """Erase a user's workers, as part of erasing the account."""
    for worker in Worker.objects.filter(user=user):
        worker_erase(worker)

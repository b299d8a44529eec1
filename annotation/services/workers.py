"""Coming in and going: join with consent, leave, complete."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from rest_framework.exceptions import NotFound, ValidationError

from annotation.errors import ConflictError, NotEnrolledError, NoWorkerError
from annotation.models import Assignment, Campaign, Enrolment, Task, Vote, Worker
from annotation.services.leases import assignments_return
from annotation.services.rows import enrolment_row, token_ended
from webapp.accounts.models import User


@dataclass(frozen=True, slots=True)
class PanelEntry:
    """What a panel's link says: PROLIFIC_PID, STUDY_ID and SESSION_ID; MTurk's workerId, hitId, assignmentId."""

    provider: str
    worker: str
    study: str = ""
    session: str = ""


@transaction.atomic
def worker_join(
    *,
    campaign: Campaign,
    consent: bool,
    now: datetime,
    panel: PanelEntry | None = None,
    user: User | None = None,
    worker: Worker | None = None,
) -> Enrolment:
    """The enrolment of whoever comes: by the panel's number, the account, or the token they hold, in this
    order; a new anonymous worker where there is none. Coming again gives the same enrolment.

    Raises ValidationError without consent, NotFound for a draft, ConflictError for a closed campaign.
    """
    if campaign.status == Campaign.Status.DRAFT:
        raise NotFound("No such campaign.")
    if not campaign.counts_answers:
        raise ConflictError("The campaign is closed.")
    if not consent:
        raise ValidationError({"consent": "is needed to take part"})
    worker = _identified(panel, user, worker, now)
    if worker.consented_at is None:
        worker.consented_at = now
        worker.save(update_fields=["consented_at"])
    enrolment, _ = Enrolment.objects.select_related("campaign", "worker").get_or_create(
        campaign=campaign,
        worker=worker,
        defaults={
            "study_id": panel.study if panel else "",
            "panel_session": panel.session if panel else "",
        },
    )
    return enrolment


def _identified(panel: PanelEntry | None, user: User | None, worker: Worker | None, now: datetime) -> Worker:
    new = {"consented_at": now}
    if panel:
        return Worker.objects.get_or_create(new, panel=panel.provider, panel_id=panel.worker)[0]
    if user:
        return Worker.objects.get_or_create(new, user=user)[0]
    return worker or Worker.objects.create(**new)


def enrolment_of(*, worker: Worker, campaign_id: int) -> Enrolment:
    """The worker's enrolment. Raises NoWorkerError where the worker was erased since, NotEnrolledError."""
    enrolment = enrolment_row(worker, campaign_id)
    if enrolment is None:
        if token_ended(worker):
            raise NoWorkerError
        raise NotEnrolledError
    return enrolment


def worker_leave(*, enrolment: Enrolment) -> int:
    """Gives back everything the worker holds, as when a panel's place is returned; how many tasks."""
    return assignments_return(enrolment_id=enrolment.pk)


@transaction.atomic
def worker_complete(*, enrolment: Enrolment, receipts: Collection[str], now: datetime) -> Enrolment:
    """Ends the worker's part and gives the completion code.

    Raises ConflictError while answers are out, `receipts` holds one that is not the worker's, or work is left
    that the worker was asked to do.
    """
    enrolment = (
        Enrolment.objects.select_for_update(of=("self",), no_key=True)
        .select_related("campaign", "worker")
        .get(pk=enrolment.pk)
    )
    if enrolment.completed_at:
        return enrolment
    held = Assignment.objects.filter(enrolment=enrolment, status=Assignment.Status.LEASED).count()
    if held:
        raise ConflictError(f"{held} tasks are still out; answer or return them first.")
    unknown = _unknown(enrolment.worker, receipts)
    if unknown:
        raise ConflictError(f"receipts: {sorted(unknown)[0]} is not one of yours; send that answer again.")
    if not _has_done_enough(enrolment):
        raise ConflictError("There is work left for you in this campaign.")
    code = enrolment.campaign.completion_code or secrets.token_hex(4).upper()
    enrolment.completed_at, enrolment.completion_code = now, code
    enrolment.save(update_fields=["completed_at", "completion_code"])
    return enrolment


def _unknown(worker: Worker, receipts: Collection[str]) -> set[str]:
    ids = {receipt: int(receipt[1:]) for receipt in receipts if receipt[1:].isdecimal()}
    known = Vote.objects.filter(worker=worker, pk__in=ids.values()).values_list("pk", flat=True)
    return set(receipts) - {f"v{pk}" for pk in known}


def _has_done_enough(enrolment: Enrolment) -> bool:
    """The session's cap is reached, the campaign hands out no more, or no task is left for this worker."""
    campaign = enrolment.campaign
    if not campaign.is_open or not enrolment.may_work:
        return True
    if campaign.session_cap and enrolment.n_answers >= campaign.session_cap:
        return True
    room = Task.objects.filter(campaign=campaign, has_room=True)
    return not room.exclude(assignments__worker=enrolment.worker_id).exists()

"""Joining a campaign with consent, and leaving it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn

from django.db import IntegrityError, transaction
from django.utils.crypto import constant_time_compare, salted_hmac
from rest_framework.exceptions import NotFound, ValidationError

from annotation.errors import InUseElsewhereError, NotEnrolledError, NoWorkerError
from annotation.models import Campaign, Enrolment, Worker
from annotation.models.workers import worker_key
from annotation.services.retention.quotas import WORKERS
from annotation.services.work.leases import assignments_return
from annotation.services.work.locking import enrolment_id, enrolment_row, token_ended
from webapp.accounts.models import User
from webapp.http.problems import ConflictError


@dataclass(frozen=True, slots=True)
class PanelEntry:
    """The ids in a panel's link: PROLIFIC_PID, STUDY_ID and SESSION_ID, or MTurk's workerId, hitId and assignmentId.

    signed: whether an operator's signature confirms the ID; see `annotation.identity.personal_links`.
    """

    provider: str
    worker: str
    study: str = ""
    session: str = ""
    signed: bool = False

    @property
    def participant(self) -> str:
        return f"{self.provider}:{self.worker}"


def worker_join(
    *,
    campaign: Campaign,
    consent: bool,
    now: datetime,
    panel: PanelEntry | None = None,
    user: User | None = None,
    worker: Worker | None = None,
    browser_key: str = "",
    address: str | None = None,
) -> Enrolment:
    """Enrol a worker identified by participant ID, account or token, in this order, or else a new anonymous worker.

    Joining again gives the same enrolment. An unsigned participant ID continues only work that the same browser started:
    `worker` is the one whose token the browser holds, `browser_key` a secret that it sent when joining, in case the
    response with the token was lost. A signed entry moves the work to this browser.

    Every new worker without an account or an operator's signature counts towards the quota of `address`, even if the
    request carries another worker's token. address: None for calls by the site itself.

    Raises ValidationError without consent, NotFound for a draft, ConflictError for a closed campaign,
    InUseElsewhereError for an unsigned ID in use in another browser, and what `WORKERS.take` raises.
    """
    if campaign.status == Campaign.Status.DRAFT:
        raise NotFound("No such campaign.")
    if not campaign.counts_answers:
        raise ConflictError("The campaign is closed.")
    if not consent:
        raise ValidationError({"consent": "is required to take part"})
    if panel is None and user is None and worker and worker.panel:
        panel = PanelEntry(worker.panel, worker.panel_id)  # one enrolment per ID, whichever link is used
    if panel:
        try:
            return _participant_enrolment(campaign, panel, worker, browser_key, address, now)
        except IntegrityError:  # another request has just enrolled the same ID
            return _participant_enrolment(campaign, panel, worker, browser_key, address, now)
    return _enrolment(campaign, user, worker, address, now)


@transaction.atomic
def _participant_enrolment(
    campaign: Campaign,
    panel: PanelEntry,
    worker: Worker | None,
    browser_key: str,
    address: str | None,
    now: datetime,
) -> Enrolment:
    rows = Enrolment.objects.select_related("campaign", "worker").select_for_update(of=("self",), no_key=True)
    enrolment = rows.filter(campaign=campaign, participant=panel.participant).first()
    key = _browser_bound_key(browser_key, campaign, panel)
    if enrolment is None:
        if worker is None or (worker.panel, worker.panel_id) != (panel.provider, panel.worker):
            if not panel.signed:
                _quota_take(address, now)
            worker = Worker.objects.create(
                key=key, panel=panel.provider, panel_id=panel.worker, consented_at=now
            )
        return Enrolment.objects.create(
            campaign=campaign,
            worker=worker,
            participant=panel.participant,
            study_id=panel.study,
            panel_session=panel.session,
        )
    if enrolment.worker != worker and not constant_time_compare(enrolment.worker.key, key):
        if not panel.signed:
            raise InUseElsewhereError
        enrolment.worker.key = key  # revokes the other browser's token
        enrolment.worker.save(update_fields=["key"])
    return enrolment


def _browser_bound_key(browser_key: str, campaign: Campaign, panel: PanelEntry) -> str:
    """Return a worker key that only the browser with this secret can reproduce; a random key without a secret."""
    if not browser_key:
        return worker_key()
    bound = f"{campaign.pk} {panel.participant} {browser_key}"
    return salted_hmac("annotation.browser", bound, algorithm="sha256").hexdigest()[:24]


@transaction.atomic
def _enrolment(
    campaign: Campaign, user: User | None, worker: Worker | None, address: str | None, now: datetime
) -> Enrolment:
    if user:
        worker, _ = Worker.objects.get_or_create({"consented_at": now}, user=user)
    if worker is None:
        _quota_take(address, now)
        worker = Worker.objects.create(consented_at=now)
    if worker.consented_at is None:
        worker.consented_at = now
        worker.save(update_fields=["consented_at"])
    rows = Enrolment.objects.select_related("campaign", "worker")
    return rows.get_or_create(campaign=campaign, worker=worker)[0]


def _quota_take(address: str | None, now: datetime) -> None:
    if address is not None:
        WORKERS.take(address=address, n_bytes=0, now=now)


def enrolment_of(*, worker: Worker, campaign_id: int) -> Enrolment:
    """Return the worker's enrolment. Raises NoWorkerError if the worker has been erased, NotEnrolledError."""
    return enrolment_row(worker, campaign_id) or _not_enrolled(worker)


def enrolment_id_of(*, worker: Worker, campaign_id: int) -> int:
    """Return the id of the worker's enrolment, for a claim, which locks the row itself. Raises like `enrolment_of`."""
    return enrolment_id(worker, campaign_id) or _not_enrolled(worker)


def _not_enrolled(worker: Worker) -> NoReturn:
    raise NoWorkerError if token_ended(worker) else NotEnrolledError


def worker_leave(*, enrolment: Enrolment) -> int:
    """Return all held assignments, for example when a participant returns their place; return their number."""
    return assignments_return(enrolment_id=enrolment.pk)

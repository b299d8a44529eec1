"""Joining a campaign with consent, and leaving it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.crypto import constant_time_compare, salted_hmac
from rest_framework.exceptions import NotFound, ValidationError

from annotation.errors import (
    InUseElsewhereError,
    NotEnrolledError,
    NotInvitedError,
    NoWorkerError,
    TookPartError,
)
from annotation.models import Access, Campaign, ConsentVersion, Enrolment, Worker
from annotation.models.workers import participant_hash, worker_key
from annotation.services.audit import audit
from annotation.services.campaigns.consents import consent_current
from annotation.services.retention.quotas import WORKERS, identity_take
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
    consent_version: int | None = None,
) -> Enrolment:
    """Enrol a worker identified by participant ID, account or token, in this order, or else a new anonymous worker.

    Joining again gives the same enrolment. An unsigned participant ID continues only work that the same browser started:
    `worker` is the one whose token the browser holds, `browser_key` a secret that it sent when joining, in case the
    response with the token was lost. A signed entry moves the work to this browser.

    An anonymous worker who lost the token, such as by deleting cookies, is known again by `browser_key`.

    Every new worker without an account or an operator's signature counts towards the quota of `address`, and towards
    the campaign's new identities of `address` and browser, even if the request carries another worker's token.
    address: None for calls by the site itself.

    consent_version: number of the campaign's consent text that the worker has agreed to; joining again stores a later
    one.

    Raises ValidationError without consent, or without its version if the campaign has a text of its own, NotFound for a
    draft, ConflictError for a closed campaign, or if the consent text has changed since, InUseElsewhereError for an
    unsigned ID in use in another browser, NotInvitedError if the campaign is not open to the worker, TookPartError if
    they took part in a campaign that this one excludes, and what `WORKERS.take` and `identity_take` raise.
    """
    if campaign.status == Campaign.Status.DRAFT:
        raise NotFound("No such campaign.")
    if not campaign.counts_answers:
        raise ConflictError("The campaign is closed.")
    if not consent:
        raise ValidationError({"consent": "is required to take part"})
    agreed = _agreed(campaign, consent_version)
    if panel is None and user is None and worker and worker.panel:
        panel = PanelEntry(worker.panel, worker.panel_id)  # one enrolment per ID, whichever link is used
    if panel:
        try:
            enrolment = _participant_enrolment(campaign, panel, worker, browser_key, address, now)
        except IntegrityError:  # another request has just enrolled the same ID
            enrolment = _participant_enrolment(campaign, panel, worker, browser_key, address, now)
    else:
        enrolment = _enrolment(campaign, user, worker, browser_key, address, now)
    _consent_store(enrolment, agreed, now)
    return enrolment


def _agreed(campaign: Campaign, number: int | None) -> ConsentVersion | None:
    """Return the campaign's consent text, if it is the version that the worker has agreed to."""
    current = consent_current(campaign.pk)
    if current is None:
        return None
    if number is None:
        raise ValidationError(
            {"consent_version": f"is required; the consent text is version {current.number}"}
        )
    if number != current.number:
        raise ConflictError(
            "The information about this study has changed. Reload the page and read it again."
        )
    return current


def _consent_store(enrolment: Enrolment, agreed: ConsentVersion | None, now: datetime) -> None:
    """Store what the worker has agreed to; the audit log keeps earlier versions."""
    if enrolment.consented_at and enrolment.consent == agreed:
        return
    if enrolment.consented_at and agreed:
        before = enrolment.consent.number if enrolment.consent else None
        audit(
            "enrolment.consent",
            by=None,
            campaign=enrolment.campaign,
            worker=enrolment.worker,
            before=before,
            after=agreed.number,
        )
    enrolment.consent, enrolment.consented_at = agreed, now
    enrolment.save(update_fields=["consent", "consented_at"])


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
    key = _browser_bound_key(browser_key, f"{campaign.pk} {panel.participant}")
    if enrolment is None:
        _check_access(campaign, panel)
        if not panel.signed:  # a personal link is an operator's exception
            _check_new(campaign, _same_participant(panel.participant))
            _check_not_erased(campaign, panel.participant)
        if worker is None or (worker.panel, worker.panel_id) != (panel.provider, panel.worker):
            if not panel.signed:
                _quota_take(campaign, browser_key, address, now)
            worker = Worker.objects.create(
                key=key, panel=panel.provider, panel_id=panel.worker, consented_at=now
            )
        return Enrolment.objects.create(
            campaign=campaign,
            worker=worker,
            participant=panel.participant,
            participant_hash=participant_hash(panel.participant),
            study_id=panel.study,
            panel_session=panel.session,
        )
    if enrolment.worker != worker and not constant_time_compare(enrolment.worker.key, key):
        if not panel.signed:
            raise InUseElsewhereError
        enrolment.worker.key = key  # revokes the other browser's token
        enrolment.worker.save(update_fields=["key"])
    return enrolment


def _browser_bound_key(browser_key: str, who: str) -> str:
    """Return a worker key that only the browser with this secret can reproduce; a random key without a secret."""
    if not browser_key:
        return worker_key()
    bound = f"{who} {browser_key}"
    return salted_hmac("annotation.browser", bound, algorithm="sha256").hexdigest()[:24]


@transaction.atomic
def _enrolment(
    campaign: Campaign,
    user: User | None,
    worker: Worker | None,
    browser_key: str,
    address: str | None,
    now: datetime,
) -> Enrolment:
    if user:
        worker, _ = Worker.objects.get_or_create({"consented_at": now}, user=user)
    if worker is None:
        key = _browser_bound_key(browser_key, "anonymous")
        worker = Worker.objects.filter(key=key, erased_at=None).first()
        if worker is None:
            _check_access(campaign, None)
            _quota_take(campaign, browser_key, address, now)
            worker, _ = Worker.objects.get_or_create({"consented_at": now}, key=key)
    if worker.consented_at is None:
        worker.consented_at = now
        worker.save(update_fields=["consented_at"])
    rows = Enrolment.objects.select_related("campaign", "worker")
    if enrolment := rows.filter(campaign=campaign, worker=worker).first():
        return enrolment
    _check_access(campaign, None)
    _check_new(campaign, Q(worker=worker))
    return rows.get_or_create(campaign=campaign, worker=worker)[0]


def _check_access(campaign: Campaign, panel: PanelEntry | None) -> None:
    """Raise NotInvitedError if the campaign is for a panel's participants or for invited people, and this is none."""
    if campaign.access == Access.PANEL and panel is None:
        raise NotInvitedError(NotInvitedError.panel_detail)
    if campaign.access == Access.INVITE and not (panel and panel.signed):
        raise NotInvitedError


def _check_new(campaign: Campaign, who: Q) -> None:
    """Raise TookPartError if `who`, among enrolments, was given tasks of a campaign that this one excludes."""
    excluded = campaign.settings.get("exclude_campaigns")
    if excluded and Enrolment.objects.filter(who, campaign__in=excluded, n_served__gt=0).exists():
        raise TookPartError


def _check_not_erased(campaign: Campaign, participant: str) -> None:
    """Raise TookPartError if a participant worked in this campaign and was erased: nobody answers a task twice."""
    earlier = Enrolment.objects.filter(campaign=campaign, participant_hash=participant_hash(participant))
    if earlier.filter(n_served__gt=0).exists():
        raise TookPartError(TookPartError.erased_detail)


def _same_participant(participant: str) -> Q:
    """Compare by keyed hash, which stays after erasure, and by ID in case the site's secret key has changed."""
    return Q(participant_hash=participant_hash(participant)) | Q(participant=participant)


def _quota_take(campaign: Campaign, browser_key: str, address: str | None, now: datetime) -> None:
    if address is not None:
        identity_take(campaign_id=campaign.pk, browser=browser_key, address=address, now=now)
        WORKERS.take(address=address, n_bytes=0, now=now)


def enrolment_of(*, worker: Worker, campaign_id: int) -> Enrolment:
    """Return the worker's enrolment. Raises NoWorkerError if the worker has been erased, NotEnrolledError."""
    return enrolment_row(worker, campaign_id) or _not_enrolled(worker)


def enrolment_id_of(*, worker: Worker, campaign_id: int) -> int:
    """Return the ID of the worker's enrolment, without reading it. Raises like `enrolment_of`."""
    return enrolment_id(worker, campaign_id) or _not_enrolled(worker)


def _not_enrolled(worker: Worker) -> NoReturn:
    raise NoWorkerError if token_ended(worker) else NotEnrolledError


def worker_leave(*, enrolment: Enrolment) -> int:
    """Return all held assignments, for example when a participant returns their place; return their number."""
    return assignments_return(enrolment_id=enrolment.pk)

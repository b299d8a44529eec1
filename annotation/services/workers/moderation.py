"""Blocking, unblocking and warning a worker: reversible, with a reason, in the audit log."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from annotation.models import Enrolment
from annotation.services.audit import audit
from annotation.services.work.leases import assignments_return
from webapp.accounts.models import User


@transaction.atomic
def enrolment_block(*, enrolment: Enrolment, by: User | None, reason: str) -> Enrolment:
    """Stop handing tasks to the worker, and return those they hold. Their votes stay."""
    Enrolment.objects.filter(pk=enrolment.pk).update(blocked=True, block_reason=reason)
    assignments_return(enrolment_id=enrolment.pk)
    return _audited("enrolment.block", enrolment, by, reason)


@transaction.atomic
def enrolment_unblock(*, enrolment: Enrolment, by: User | None, reason: str = "") -> Enrolment:
    """Let the worker continue, even if they did not qualify."""
    Enrolment.objects.filter(pk=enrolment.pk).update(blocked=False, block_reason="", qualified=True)
    return _audited("enrolment.unblock", enrolment, by, reason)


@transaction.atomic
def enrolment_warn(*, enrolment: Enrolment, by: User | None, reason: str, now: datetime) -> Enrolment:
    """Show the worker a warning with their next task; an empty reason withdraws it."""
    Enrolment.objects.filter(pk=enrolment.pk).update(warning=reason, warned_at=now if reason else None)
    return _audited("enrolment.warn", enrolment, by, reason)


def _audited(action: str, enrolment: Enrolment, by: User | None, reason: str) -> Enrolment:
    enrolment.refresh_from_db()
    audit(action, by=by, campaign=enrolment.campaign, worker=enrolment.worker, reason=reason)
    return enrolment

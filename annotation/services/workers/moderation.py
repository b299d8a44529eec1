"""Blocking, unblocking and warning a worker: reversible, with a reason, in the audit log."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from annotation.models import Enrolment
from annotation.services.audit import audit, differences
from annotation.services.work.leases import assignments_return
from webapp.accounts.models import User

_STATE = ("blocked", "block_reason", "qualified", "warning")


@transaction.atomic
def enrolment_block(*, enrolment: Enrolment, by: User | None, reason: str) -> Enrolment:
    """Stop handing tasks to the worker, and return those they hold. Their votes stay."""
    changed = _changed("enrolment.block", enrolment, by, reason, blocked=True, block_reason=reason)
    assignments_return(enrolment_id=enrolment.pk)
    return changed


@transaction.atomic
def enrolment_unblock(*, enrolment: Enrolment, by: User | None, reason: str = "") -> Enrolment:
    """Let the worker continue, even if they did not qualify."""
    return _changed(
        "enrolment.unblock", enrolment, by, reason, blocked=False, block_reason="", qualified=True
    )


@transaction.atomic
def enrolment_warn(*, enrolment: Enrolment, by: User | None, reason: str, now: datetime) -> Enrolment:
    """Show the worker a warning with their next task; an empty reason withdraws it."""
    return _changed(
        "enrolment.warn", enrolment, by, reason, warning=reason, warned_at=now if reason else None
    )


def _changed(action: str, enrolment: Enrolment, by: User | None, reason: str, **changes: Any) -> Enrolment:
    """Write the changes, and to the audit log what they changed."""
    before = Enrolment.objects.select_for_update(no_key=True).values(*_STATE).get(pk=enrolment.pk)
    Enrolment.objects.filter(pk=enrolment.pk).update(**changes)
    enrolment.refresh_from_db()
    after = {name: getattr(enrolment, name) for name in _STATE}
    audit(
        action,
        by=by,
        campaign=enrolment.campaign,
        worker=enrolment.worker,
        reason=reason,
        **differences(before, after),
    )
    return enrolment

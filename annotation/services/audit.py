"""Writing the audit log."""

from __future__ import annotations

from typing import Any

from annotation.models import AuditEvent, Campaign, Worker
from webapp.accounts.models import User


def audit(
    action: str,
    *,
    by: User | None,
    campaign: Campaign | None = None,
    worker: Worker | None = None,
    reason: str = "",
    **facts: Any,
) -> AuditEvent:
    """Write one event to the audit log, in the transaction of the change itself; `facts` must be JSON."""
    return AuditEvent.objects.create(
        action=action, by=by, campaign=campaign, worker=worker, reason=reason, facts=facts
    )

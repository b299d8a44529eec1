"""How long logins and failed logins are kept."""

from __future__ import annotations

from datetime import datetime

import structlog
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.conf import settings

from webapp.stores.quotas import expiry_cutoff, rows_delete

log = structlog.get_logger(__name__)


def logins_expire(*, now: datetime) -> int:
    """Delete rows older than `LOGIN_DAYS`, and all but the newest `ANONYMOUS_ROWS_MAX` of each kind. Return the count."""
    before = expiry_cutoff(settings.LOGIN_DAYS, now)
    n = 0
    for model in (AccessAttempt, AccessLog, AccessFailureLog):
        rows = model._default_manager
        if before:
            n += rows_delete(rows.filter(attempt_time__lt=before))
        newest = rows.order_by("-pk").values_list("pk", flat=True)
        if too_old := list(newest[settings.ANONYMOUS_ROWS_MAX : settings.ANONYMOUS_ROWS_MAX + 1]):
            n += rows_delete(rows.filter(pk__lte=too_old[0]))
    log.info("logins_expired", n=n)
    return n

"""How long logins and failed logins are kept."""

from __future__ import annotations

from datetime import datetime

import structlog
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.conf import settings
from django.db.models import Model

from webapp.quotas import cut

log = structlog.get_logger(__name__)
_BATCH = 500


def logins_expire(*, now: datetime) -> int:
    """Deletes what is older than `LOGIN_DAYS`, and of each kind all but the newest `ANONYMOUS_ROWS_MAX`; how many."""
    before = cut(settings.LOGIN_DAYS, now)
    n = 0
    for model in (AccessAttempt, AccessLog, AccessFailureLog):
        if before:
            n += _deleted(model, attempt_time__lt=before)
        newest = model._default_manager.order_by("-pk").values_list("pk", flat=True)
        if too_old := list(newest[settings.ANONYMOUS_ROWS_MAX : settings.ANONYMOUS_ROWS_MAX + 1]):
            n += _deleted(model, pk__lte=too_old[0])
    log.info("logins_expired", n=n)
    return n


def _deleted(model: type[Model], **which: object) -> int:
    rows = model._default_manager.filter(**which).order_by("pk").values_list("pk", flat=True)
    n = 0
    while batch := list(rows[:_BATCH]):
        n += model._default_manager.filter(pk__in=batch).delete()[0]
    return n

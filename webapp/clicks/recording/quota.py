"""Limits on how many answers and clicks are kept, and for how long."""

from __future__ import annotations

from datetime import datetime

import structlog
from django.conf import settings
from django.db.models import Count, Sum

from webapp.clicks.models import Answer, Click
from webapp.stores.quotas import Quota, Totals, expiry_cutoff, rows_delete

log = structlog.get_logger(__name__)


def _answers() -> Totals:
    found = Answer.objects.aggregate(rows=Count("pk"), n_bytes=Sum("n_bytes"))
    return Totals(found["rows"], found["n_bytes"] or 0)


ANSWERS = Quota("recorded answers", _answers)
CLICKS = Quota("recorded clicks", lambda: Totals(Click.objects.count(), 0))


def clicks_expire(*, now: datetime) -> int:
    """Delete answers older than `CLICK_DAYS`, with their clicks; all of them once recording is off. Return the count."""
    rows = Answer.objects.all()
    if settings.RECORD_CLICKS != "off":
        before = expiry_cutoff(settings.CLICK_DAYS, now)
        if before is None:
            return 0
        rows = rows.filter(at__lt=before)
    n = rows_delete(rows)
    log.info("clicks_expired", n=n)
    return n

"""Limits on how many shared sketches are kept, and for how long."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db.models import Count, Q, Sum
from django.utils import timezone

from webapp.search.models import Share
from webapp.stores.full_disk import write_or_log
from webapp.stores.quotas import Quota, Totals, expiry_cutoff, rows_delete

log = structlog.get_logger(__name__)
_OPENED_RESOLUTION = timedelta(days=1)


def _totals() -> Totals:
    found = Share.objects.aggregate(rows=Count("pk"), n_bytes=Sum("n_bytes"))
    return Totals(found["rows"], found["n_bytes"] or 0)


SHARES = Quota("shared sketches", _totals)


def share_note_opened(share: Share) -> None:
    """Record, at most once per day, that somebody opened a share. Raises nothing, since showing it matters more."""
    now = timezone.now()
    if share.opened_at and now - share.opened_at < _OPENED_RESOLUTION:
        return
    write_or_log(lambda: Share.objects.filter(pk=share.pk).update(opened_at=now), "share opened")


def shares_expire(*, now: datetime) -> int:
    """Delete shares that nobody has created or opened for `SHARE_DAYS`. Return the count."""
    before = expiry_cutoff(settings.SHARE_DAYS, now)
    if before is None:
        return 0
    old = Q(opened_at__lt=before) | Q(opened_at__isnull=True, created_at__lt=before)
    n = rows_delete(Share.objects.filter(old))
    log.info("shares_expired", n=n)
    return n

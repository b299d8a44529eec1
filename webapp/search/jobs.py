"""Jobs of the search, on queue `default`, sent by beat."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from webapp.search.shares.quota import shares_expire


@shared_task  # type: ignore[untyped-decorator]
def shares_expire_job() -> None:
    """Delete shared sketches that nobody opens any more."""
    shares_expire(now=timezone.now())

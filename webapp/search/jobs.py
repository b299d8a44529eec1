"""Jobs of the search, on queue `default`; beat asks for them."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from webapp.search.quota import shares_expire


@shared_task  # type: ignore[untyped-decorator]
def shares_expire_job() -> None:
    """Deletes shared sketches that nobody opens."""
    shares_expire(now=timezone.now())

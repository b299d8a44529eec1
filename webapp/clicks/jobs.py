"""Jobs of clicks, on queue `default`, sent by beat."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from webapp.clicks.recording.quota import clicks_expire


@shared_task  # type: ignore[untyped-decorator]
def clicks_expire_job() -> None:
    """Delete recorded answers and clicks after their retention."""
    clicks_expire(now=timezone.now())

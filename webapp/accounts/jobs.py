"""Jobs of accounts, on queue `default`, sent by beat."""

from __future__ import annotations

from celery import shared_task
from django.core.management import call_command
from django.utils import timezone

from webapp.accounts.expiry import logins_expire


@shared_task  # type: ignore[untyped-decorator]
def logins_expire_job() -> None:
    """Delete old logins, failed logins, and expired sessions."""
    logins_expire(now=timezone.now())
    call_command("clearsessions")

"""Jobs of accounts, on queue `default`; beat asks for them."""

from __future__ import annotations

from celery import shared_task
from django.core.management import call_command
from django.utils import timezone

from webapp.accounts.expiry import logins_expire


@shared_task  # type: ignore[untyped-decorator]
def logins_expire_job() -> None:
    """Deletes old logins, failed logins, and sessions that ended."""
    logins_expire(now=timezone.now())
    call_command("clearsessions")

"""When a reduced price holds."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.utils import timezone

from ml.errors import gettext_noop
from webapp.catalog.importer.findings import RowError


def on_sale_now(dates: Any, field: str = "sale_dates") -> bool:
    """Return whether now lies between two ISO dates, `2026-11-27T00:00+01:00/2026-11-30T23:59+01:00`; empty: always."""
    if not dates:
        return True
    start, _, end = str(dates).partition("/")
    return _date(start, field) <= timezone.now() <= _date(end, field)


def _date(text: str, field: str) -> datetime:
    try:
        date = datetime.fromisoformat(text.strip())
    except ValueError:
        raise RowError(
            field, gettext_noop("{text!r} is no ISO date such as 2026-11-27T00:00+01:00"), text=text[:40]
        ) from None
    return date if date.tzinfo else date.replace(tzinfo=UTC)

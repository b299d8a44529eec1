"""Quotas on what anonymous visitors leave behind: rows and bytes, by address and day, and in total.

Addresses are counted in the cache only, under a keyed hash, so no row reveals who left it. Totals are computed from the
rows, so that any deletion makes room again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.core.cache import cache
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac
from rest_framework import exceptions, status

from webapp.observability.metrics import QUOTA_REFUSED
from webapp.stores.cache import counter_add

_TOTALS_TTL_S = 30
DAY_S = 86_400
_BATCH = 500


class Totals(NamedTuple):
    rows: int
    n_bytes: int


class AddressQuotaError(exceptions.Throttled):
    """429: this address has used up its quota for today."""


class TotalQuotaError(exceptions.APIException):
    """507: the site stores no more of this kind until old ones expire."""

    status_code = status.HTTP_507_INSUFFICIENT_STORAGE
    default_code = "site_full"
    wait = DAY_S  # old rows are deleted every night


@dataclass(frozen=True)
class Quota:
    """One kind of row that anyone may create: its name in messages and metrics, and its current totals."""

    kind: str
    totals: Callable[[], Totals]

    def take(self, *, address: str, n_bytes: int, now: datetime | None = None) -> None:
        """Count one more row. Raises AddressQuotaError or TotalQuotaError, which say when to retry."""
        now = now or timezone.now()
        rows, stored = cache.get_or_set(f"{self._key}-totals", self.totals, _TOTALS_TTL_S) or self.totals()
        if rows >= settings.ANONYMOUS_ROWS_MAX or stored + n_bytes > settings.ANONYMOUS_BYTES_MAX:
            QUOTA_REFUSED.labels(self.kind, "total").inc()
            raise TotalQuotaError(
                f"The site cannot store any more {self.kind} now; old ones are deleted every night."
            )
        key = address_key(self._key, address, now)
        n_rows = counter_add(f"{key}-rows", 1, DAY_S)
        n_address_bytes = counter_add(f"{key}-bytes", n_bytes, DAY_S)
        if n_rows > settings.ADDRESS_ROWS_PER_DAY or n_address_bytes > settings.ADDRESS_BYTES_PER_DAY:
            QUOTA_REFUSED.labels(self.kind, "address").inc()
            raise AddressQuotaError(
                wait=until_tomorrow_s(now),
                detail=f"Your network has reached today's limit of {self.kind}; try again tomorrow.",
            )

    @property
    def _key(self) -> str:
        return f"quota-{self.kind.replace(' ', '-')}"


def address_key(kind: str, address: str, now: datetime) -> str:
    """Return the cache's key for what an address does on a day; a keyed hash stands for the address."""
    return f"{kind}-{now:%j}-{salted_hmac('quota', address).hexdigest()[:20]}"


def until_tomorrow_s(now: datetime) -> float:
    """Return the seconds until counts by day start again."""
    tomorrow = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return (tomorrow - now).total_seconds()


def rows_delete(rows: QuerySet[Any]) -> int:
    """Delete rows in batches, so that no transaction blocks the database for long. Return the count."""
    n, ids = 0, rows.order_by("pk").values_list("pk", flat=True)
    while batch := list(ids[:_BATCH]):
        n += rows.model._default_manager.filter(pk__in=batch).delete()[0]
    return n


def expiry_cutoff(days: int, now: datetime) -> datetime | None:
    """Return the time before which rows expire; None if `days` is 0 and nothing does."""
    return now - timedelta(days=days) if days else None

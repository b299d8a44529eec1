"""The lease on a row of work: claimed by one worker, kept by a heartbeat, claimed by another once it has expired.

Training runs, index builds, gate reports and catalogue imports are such rows. Their models have the columns `status`
(`queued`, `running`, then the outcome), `attempts`, `heartbeat_at` and `created_at`. Every write names its attempt,
so a worker that was presumed dead and comes back cannot change anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Model, Q, QuerySet
from django.utils import timezone

_QUEUED, _RUNNING = Q(status="queued"), Q(status="running")


class LeaseLostError(Exception):
    """Another worker has claimed the row, or the work has ended. The caller must not write any more."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right of one attempt to write a row of `model`."""

    model: type[Model]
    pk: Any
    attempt: int

    def held(self) -> QuerySet[Any]:
        """Return the row, or nothing if the lease is lost."""
        return self.model._default_manager.filter(_RUNNING, pk=self.pk, attempts=self.attempt)

    def keep(self, **values: Any) -> None:
        """Write columns and the heartbeat. Raises LeaseLostError."""
        self.write(heartbeat_at=timezone.now(), **values)

    def write(self, **values: Any) -> None:
        """Write columns. Raises LeaseLostError."""
        if not self.held().update(**values):
            raise LeaseLostError(str(self))

    def __str__(self) -> str:
        return f"{self.model.__name__} {self.pk}, attempt {self.attempt}"


def claim(
    rows: QuerySet[Any], pk: Any, *, now: datetime, expires_after: timedelta | None = None, **values: Any
) -> Lease | None:
    """Start an attempt at the row `pk` of `rows`. Return None if another worker holds it, or it has ended.

    expires_after: also claim a running row whose last heartbeat is older. values: additional columns to write.
    """
    free = _QUEUED if expires_after is None else _QUEUED | _expired(now, expires_after)
    started = {"status": "running", "attempts": F("attempts") + 1, "heartbeat_at": now}
    with transaction.atomic():
        if not rows.filter(free, pk=pk).update(**started, **values):
            return None
        attempt: int = rows.model._default_manager.values_list("attempts", flat=True).get(pk=pk)
    return Lease(rows.model, pk, attempt)


def revoke(row: Any, **values: Any) -> bool:
    """End the attempt of `row` as it was read, and write columns. Return False if its worker has come back since."""
    lease = Lease(type(row), row.pk, row.attempts)
    return bool(lease.held().filter(heartbeat_at=row.heartbeat_at).update(**values))


def expired(rows: QuerySet[Any], *, now: datetime, after: timedelta) -> QuerySet[Any]:
    """Return the running rows whose last heartbeat is older than `after`."""
    return rows.filter(_expired(now, after))


def unattended(rows: QuerySet[Any], *, now: datetime, after: timedelta) -> list[Any]:
    """Return keys of rows whose lease has expired, or which have been queued for a quarter of `after` (message lost)."""
    lost = _QUEUED & Q(created_at__lt=now - after / 4)
    return list(rows.filter(lost | _expired(now, after)).values_list("pk", flat=True))


def _expired(now: datetime, after: timedelta) -> Q:
    return _RUNNING & Q(heartbeat_at__lt=now - after)


# The same for work that keeps a model instance up to date.


def row_claim(row: Model, *, expires_after: timedelta) -> bool:
    """Claim `row` and refresh it. Return False if another worker holds it, or it has ended."""
    rows = type(row)._default_manager.all()
    if claim(rows, row.pk, now=timezone.now(), expires_after=expires_after) is None:
        return False
    row.refresh_from_db()
    return True


def row_update(row: Any, /, **values: Any) -> None:
    """Write columns and the heartbeat to the table and to `row`. Raises LeaseLostError."""
    values["heartbeat_at"] = timezone.now()
    Lease(type(row), row.pk, row.attempts).write(**values)
    for name, value in values.items():
        setattr(row, name, value)

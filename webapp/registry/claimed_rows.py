"""Rows of work that one worker at a time holds: claimed, held by a sign of life, taken over from who fell silent.

Index builds and gate reports are such rows: `status` queued or running, `attempts`, `heartbeat_at`, `created_at`.
"""

from __future__ import annotations

from django.db.models import F, Q
from django.utils import timezone

from webapp.registry.models import LEASE, GateReport, IndexBuild

Row = IndexBuild | GateReport
_QUEUED, _RUNNING = Q(status="queued"), Q(status="running")


class TakenOverError(Exception):
    """Another worker has claimed this row meanwhile."""


def row_claim(row: Row) -> bool:
    """Whether the row is ours now; not where another worker holds it, or it has ended."""
    now = timezone.now()
    free = type(row)._default_manager.filter(_QUEUED | _RUNNING & Q(heartbeat_at__lt=now - LEASE), pk=row.pk)
    return bool(free.update(status="running", heartbeat_at=now, attempts=F("attempts") + 1))


def row_update(row: Row, /, **values: object) -> None:
    """Writes columns and the sign of life. Raises TakenOverError where the row is another worker's by now."""
    values["heartbeat_at"] = timezone.now()
    ours = type(row)._default_manager.filter(_RUNNING, pk=row.pk, attempts=row.attempts)
    if not ours.update(**values):
        raise TakenOverError
    for name, value in values.items():
        setattr(row, name, value)


def rows_unattended(model: type[Row]) -> list[int]:
    """Ids of those whose worker is gone, or whose message was lost."""
    now = timezone.now()
    lost = _QUEUED & Q(created_at__lt=now - LEASE / 4)
    gone = _RUNNING & Q(heartbeat_at__lt=now - LEASE)
    return list(model._default_manager.filter(lost | gone).values_list("pk", flat=True))

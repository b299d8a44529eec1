"""What is left to do of an import, and how long it may take."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict

from webapp.catalog.models import CatalogImport, PictureHost, RemotePicture

_LEAST_PROGRESS = 0.01  # from which a rate is worth telling


class PicturesPayload(TypedDict):
    """An import's pictures by URL. `eta_s`: seconds until none waits, at the rate so far; null if unknown."""

    waiting: int
    fetched: int
    unchanged: int
    failed: int
    eta_s: float | None


def pictures_progress(row: CatalogImport, *, now: datetime) -> PicturesPayload:
    """Return how many pictures of an import have been fetched."""
    waiting = RemotePicture.objects.filter(catalog_import=row, status=RemotePicture.Status.WAITING).count()
    settled = row.pictures_fetched + row.pictures_unchanged + row.pictures_failed
    share = settled / (settled + waiting) if waiting else 0.0
    return {
        "waiting": waiting,
        "fetched": row.pictures_fetched,
        "unchanged": row.pictures_unchanged,
        "failed": row.pictures_failed,
        "eta_s": _left(row.started_at, share, now),
    }


def rows_eta(row: CatalogImport, *, now: datetime) -> float | None:
    """Return the seconds until a running import has read its feed, at the rate so far; None if unknown."""
    return _left(row.started_at, row.progress, now) if row.status == CatalogImport.Status.RUNNING else None


def pictures_running() -> bool:
    """Return whether a worker fetches pictures."""
    return PictureHost.objects.filter(status=PictureHost.Status.RUNNING).exists()


def _left(started: datetime | None, share: float, now: datetime) -> float | None:
    if started is None or not _LEAST_PROGRESS <= share < 1:
        return None
    return round((now - started).total_seconds() * (1 - share) / share, 1)

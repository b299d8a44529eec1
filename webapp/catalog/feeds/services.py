"""Changes of feeds by operators."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from webapp.accounts.models import User
from webapp.catalog.feeds.schedule import next_fetch
from webapp.catalog.models import CatalogImport, RemoteFeed

Status = RemoteFeed.Status
_SOURCE = {"url", "user", "password"}


def feed_create(*, by: User, **values: Any) -> RemoteFeed:
    """Create a feed that is due at once, unless it is paused. `jobs.feed_wake` wakes a worker."""
    active = values.get("active", True)
    return RemoteFeed.objects.create(created_by=by, due_at=timezone.now() if active else None, **values)


@transaction.atomic
def feed_update(feed: RemoteFeed, **values: Any) -> None:
    """Change a feed. With another address or login it is fetched anew: a fetch under way no longer counts."""
    row = RemoteFeed.objects.select_for_update().get(pk=feed.pk)
    changed = {name for name, value in values.items() if getattr(row, name) != value}
    for name in changed:
        setattr(row, name, values[name])
    if changed & {*_SOURCE, "complete"}:
        row.etag = row.last_modified = ""
    if changed & _SOURCE:
        row.status, row.attempts, row.failures = Status.QUEUED, row.attempts + 1, 0
        row.due_at = timezone.now() if row.active else None
    elif changed & {"active", "every_h"} and row.status == Status.QUEUED:
        row.due_at = next_fetch(row.fetched_at, row.every_h) if row.fetched_at else timezone.now()
        row.due_at = row.due_at if row.active else None
    row.save()
    feed.refresh_from_db()


@transaction.atomic
def feed_ask(feed: RemoteFeed) -> bool:
    """Make a feed due now, also a paused one, once. Return False while it is fetched or imported."""
    active = [CatalogImport.Status.QUEUED, CatalogImport.Status.RUNNING]
    if feed.imports.filter(status__in=active).exists():
        return False
    idle = RemoteFeed.objects.filter(pk=feed.pk, status__in=[Status.QUEUED, Status.HELD])
    asked = idle.update(status=Status.QUEUED, due_at=timezone.now(), failures=0, attempts=F("attempts") + 1)
    feed.refresh_from_db()
    return bool(asked)

"""Fetches, imports and fits on a worker, queue `default`. The rows are authoritative; a message only wakes a worker."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from webapp.catalog.feeds.settling import feed_settle, feeds_orphaned_release, imports_unsettled
from webapp.catalog.feeds.turns import feed_fetch, feeds_due
from webapp.catalog.import_models import CatalogImport
from webapp.catalog.models import RemoteFeed
from webapp.catalog.remote.turns import hosts_due, pictures_fetch
from webapp.catalog.services import (
    catalog_import_run,
    catalog_imports_give_up,
    catalog_imports_tidy,
    catalog_imports_unattended,
)
from webapp.catalog.words.services import fits_refresh

_REAP_S, _FEEDS_REAP_S = 15.0, 30.0


@shared_task  # type: ignore[untyped-decorator]
def catalog_import_job(import_id: str) -> None:
    catalog_import_run(import_id=UUID(import_id))
    _feed_settle(UUID(import_id))
    pictures_reap_job()


@shared_task  # type: ignore[untyped-decorator]
def imports_reap_job() -> None:
    """Wake a worker for every import that should have one but has none; delete old uploads."""
    now = timezone.now()
    catalog_imports_tidy(now=now)
    catalog_imports_give_up(now=now)
    for import_id in catalog_imports_unattended(now=now):
        catalog_import_job.delay(str(import_id))


@shared_task  # type: ignore[untyped-decorator]
def feed_fetch_job(feed_id: int) -> None:
    if row := feed_fetch(feed_id=feed_id):
        catalog_import_job.delay(str(row.pk))


@shared_task  # type: ignore[untyped-decorator]
def feeds_reap_job() -> None:
    """Wake a worker for every feed that is due, and go on with feeds whose worker was gone after their import."""
    now = timezone.now()
    feeds_orphaned_release(now=now)
    for import_id in imports_unsettled():
        _feed_settle(import_id)
    for feed_id in feeds_due(now=now):
        feed_fetch_job.apply_async([feed_id], expires=_FEEDS_REAP_S)


def feed_wake(feed: RemoteFeed) -> None:
    """Wake a worker for a feed that may be due, once the transaction is committed."""
    transaction.on_commit(lambda: feed_fetch_job.delay(feed.pk), robust=True)


def _feed_settle(import_id: UUID) -> None:
    """Go on with the feed by address that an import belongs to, if it does."""
    if row := feed_settle(import_id=import_id):
        catalog_import_wake(row)


@shared_task  # type: ignore[untyped-decorator]
def pictures_fetch_job(host_id: int) -> None:
    """Take a turn at a host of pictures, and ask for another if pictures are due by then."""
    due = pictures_fetch(host_id=host_id)
    if due and due <= timezone.now():
        pictures_fetch_job.apply_async([host_id])


@shared_task  # type: ignore[untyped-decorator]
def pictures_reap_job() -> None:
    """Wake a worker for every host whose pictures are due. A message expires before the next is sent."""
    for host_id in hosts_due(now=timezone.now()):
        pictures_fetch_job.apply_async([host_id], expires=_REAP_S)


def pictures_wake() -> None:
    """Wake workers for the pictures that products were given by URL, once the transaction is committed."""
    transaction.on_commit(pictures_reap_job.delay, robust=True)


@shared_task  # type: ignore[untyped-decorator]
def fits_refresh_job() -> None:
    fits_refresh()


def fits_refresh_wake() -> None:
    """Wake a worker for products whose fits are out of date, once the transaction is committed."""
    transaction.on_commit(fits_refresh_job.delay, robust=True)


def catalog_import_wake(row: CatalogImport) -> None:
    """Wake a worker for `row` once it is committed. If the broker is unavailable, the reaper does so later."""
    transaction.on_commit(lambda: catalog_import_job.delay(str(row.pk)), robust=True)

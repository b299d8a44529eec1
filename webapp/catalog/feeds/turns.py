"""One fetch of a feed by one worker, and the import that it creates."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from tempfile import TemporaryFile
from typing import IO, Any

import structlog
from django.core.files.base import File
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from webapp.catalog.feeds.columns import difference, suggestion
from webapp.catalog.feeds.downloads import feed_download, file_name
from webapp.catalog.feeds.settling import SERVER_FAILED, Failure, failed, succeeded
from webapp.catalog.fetching.client import Received
from webapp.catalog.fetching.errors import FetchError
from webapp.catalog.importer.feeds.opening import feed_open
from webapp.catalog.importer.findings import FeedError
from webapp.catalog.models import CatalogImport, RemoteFeed
from webapp.catalog.services import catalog_import_create, catalog_import_files_delete
from webapp.jobs.heartbeat import Heartbeat
from webapp.jobs.leases import Lease, LeaseLostError, claim, expired

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=2)
KEPT_IMPORTS = 100  # of each feed: without validators, a feed is imported every hour
_AT_MOST = 1 << 24  # bytes by which the encoding is detected here; the import itself reads all
Status, Outcome = RemoteFeed.Status, RemoteFeed.Outcome


def feeds_due(*, now: datetime) -> list[int]:
    """Return the feeds that should have a worker, also those whose worker is gone."""
    due = RemoteFeed.objects.filter(due_at__lte=now)
    gone = expired(due, now=now, after=LEASE)
    return list(
        due.filter(Q(status=Status.QUEUED) | Q(pk__in=gone.values("pk"))).values_list("pk", flat=True)
    )


def feed_fetch(*, feed_id: int) -> CatalogImport | None:
    """Fetch a feed that is due, unless another worker does. Return the import for which to wake a worker, if any."""
    now = timezone.now()
    due = RemoteFeed.objects.filter(due_at__lte=now)
    lease = claim(due, feed_id, now=now, expires_after=LEASE)
    if lease is None:
        return None
    feed = RemoteFeed.objects.select_related("created_by").get(pk=feed_id)
    try:
        return _fetch(lease, feed)
    except LeaseLostError:
        log.warning("feed_taken_over", feed=feed_id)
    return None


def _fetch(lease: Lease, feed: RemoteFeed) -> CatalogImport | None:
    try:
        with TemporaryFile() as file:
            with Heartbeat(lease.keep):
                received = feed_download(feed, file)
            if received.is_new:
                return _hand_over(lease, feed, file, received)
    except LeaseLostError:
        raise
    except FetchError as error:
        failure = Failure.of(error, transient=error.transient, retry_after_s=error.retry_after_s)
    except FeedError as error:
        failure = Failure.of(error)
    except Exception:
        log.exception("feed_fetch_failed", feed=feed.pk)
        failure = Failure(SERVER_FAILED)
    else:
        _release(lease, partial(succeeded, outcome=Outcome.UNCHANGED))
        return None
    _release(lease, partial(failed, failure=failure))
    return None


def _release(lease: Lease, settled: Callable[..., dict[str, Any]]) -> None:
    """Write what became of a fetch. Raises LeaseLostError."""
    now = timezone.now()
    with transaction.atomic():
        feed = lease.held().select_for_update().first()  # which may have been paused in the meantime
        if feed is None:
            raise LeaseLostError(str(lease))
        lease.write(fetched_at=now, **settled(feed, now=now))


def _hand_over(lease: Lease, feed: RemoteFeed, file: IO[bytes], received: Received) -> CatalogImport | None:
    """Create the import: to be checked by a worker, or with other columns than confirmed, by the operator."""
    name = file_name(feed.url, received.kind)
    opened = feed_open(file, name, at_most=_AT_MOST)
    changed = difference(feed.mapping, opened) if feed.mapping else None
    is_held = changed is None or bool(changed)
    mapping = suggestion(feed.mapping, opened) if is_held else feed.mapping
    file.seek(0)
    values: dict[str, Any] = {"status": Status.IMPORTING, "error": "", "error_values": {}}
    values |= {"etag": received.validators.etag, "last_modified": received.validators.last_modified}
    if is_held:  # nor is the feed known by its validators, since it was not imported
        values |= {"status": Status.HELD, "outcome": Outcome.COLUMNS, "etag": "", "last_modified": ""}
    if changed:
        values |= {"error": changed.template, "error_values": changed.values}
    with transaction.atomic():
        lease.write(fetched_at=timezone.now(), due_at=None, **values)
        row = catalog_import_create(
            feed=File(file, name),
            images=None,
            created_by=feed.created_by,
            dry_run=True,  # everything is checked before anything is written
            complete=feed.complete,
            hold=is_held,
            remote_feed=feed,
            mapping=mapping,
        )
    _tidy(feed, row)
    return None if is_held else row


def _tidy(feed: RemoteFeed, newest: CatalogImport) -> None:
    """Delete what earlier fetches have left: files of imports that nobody started, and the oldest imports."""
    active = [CatalogImport.Status.QUEUED, CatalogImport.Status.RUNNING]
    idle = feed.imports.exclude(pk=newest.pk).exclude(status__in=active)
    for row in idle.exclude(feed=""):
        catalog_import_files_delete(row)
    kept = feed.imports.order_by("-created_at").values_list("pk", flat=True)[:KEPT_IMPORTS]
    idle.exclude(pk__in=list(kept)).delete()

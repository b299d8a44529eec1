"""What became of a fetch, and of the import that it created."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from ml.errors import SketchfindError, gettext_noop
from webapp.catalog.feeds.schedule import next_attempt, next_fetch
from webapp.catalog.importer.withdrawal import needs_confirmation
from webapp.catalog.models import CatalogImport, Product, RemoteFeed
from webapp.catalog.services import catalog_import_start
from webapp.input.messages import values_json

Status, Outcome = RemoteFeed.Status, RemoteFeed.Outcome
SERVER_FAILED = gettext_noop("The server failed; the error is in its log.")
_FORGOTTEN = {"etag": "", "last_modified": ""}  # what was not imported is to be sent again


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a fetch or its import failed; `message` is in English, with places for `values`.

    transient: whether a later attempt may succeed. retry_after_s: how long the server asked to be left alone, in seconds.
    """

    message: str
    values: Mapping[str, Any] = field(default_factory=dict)
    transient: bool = False
    retry_after_s: float | None = None

    @classmethod
    def of(
        cls, error: SketchfindError, *, transient: bool = False, retry_after_s: float | None = None
    ) -> Failure:
        return cls(error.template, error.values, transient, retry_after_s)


def succeeded(feed: RemoteFeed, outcome: RemoteFeed.Outcome, *, now: datetime) -> dict[str, Any]:
    """Return the columns of a feed whose fetch has brought what it should."""
    return {
        "status": Status.QUEUED,
        "outcome": outcome,
        "error": "",
        "error_values": {},
        "failures": 0,
        "due_at": next_fetch(now, feed.every_h) if feed.active else None,
    }


def failed(feed: RemoteFeed, failure: Failure, *, now: datetime) -> dict[str, Any]:
    """Return the columns of a feed that could not be fetched or imported: it is tried again later."""
    failures = min(feed.failures + 1, 1000)
    due = next_attempt(
        now, feed.every_h, failures, transient=failure.transient, retry_after_s=failure.retry_after_s
    )
    return {
        "status": Status.QUEUED,
        "outcome": Outcome.FAILED,
        "error": failure.message,
        "error_values": values_json(failure.values),
        "failures": failures,
        "due_at": due if feed.active else None,
        **_FORGOTTEN,
    }


def feed_settle(*, import_id: UUID) -> CatalogImport | None:
    """Act on the end of a feed's import. Return the import if it was only a check and is now to be run.

    A check without a fault is followed by the import itself. If it would take off sale more than the guard allows, the
    feed waits for the operator.
    """
    with transaction.atomic():
        row = CatalogImport.objects.get(pk=import_id)
        feed = RemoteFeed.objects.select_for_update(of=("self",)).filter(imports=row.pk).first()
        if feed is None or feed.imports.order_by("-created_at").first() != row:
            return None  # an upload, or what a later fetch has replaced
        row.refresh_from_db()
        now = timezone.now()
        values: dict[str, Any] = {}
        to_run = False
        if row.status == CatalogImport.Status.DONE and not row.dry_run:
            if feed.status in {Status.IMPORTING, Status.HELD}:
                values = {"mapping": row.mapping, **succeeded(feed, Outcome.IMPORTED, now=now)}
        elif feed.status != Status.IMPORTING:
            pass  # the operator decides
        elif row.status == CatalogImport.Status.FAILED:
            values = failed(feed, Failure(row.error, row.error_values), now=now)
        elif row.status == CatalogImport.Status.DONE and _lacks_many(row):
            values = {"status": Status.HELD, "outcome": Outcome.WITHDRAWAL, **_FORGOTTEN}
        elif row.status == CatalogImport.Status.DONE:
            to_run = catalog_import_start(
                import_id=row.pk, dry_run=False, complete=row.complete, confirmed=None
            )
        if values:
            RemoteFeed.objects.filter(pk=feed.pk).update(**values)
    return row if to_run else None


def imports_unsettled() -> list[UUID]:
    """Return imports of feeds that have ended, but whose worker was gone before it could say so."""
    ended = [CatalogImport.Status.DONE, CatalogImport.Status.FAILED]
    held = Q(remote_feed__status=Status.HELD, dry_run=False, status=CatalogImport.Status.DONE)
    waiting = CatalogImport.objects.filter(held | Q(remote_feed__status=Status.IMPORTING, status__in=ended))
    later = CatalogImport.objects.filter(
        remote_feed=OuterRef("remote_feed"), created_at__gt=OuterRef("created_at")
    )
    return list(waiting.filter(~Exists(later)).values_list("pk", flat=True))


def feeds_orphaned_release(*, now: datetime) -> None:
    """Let feeds be fetched again whose import was deleted while they waited for it."""
    waiting = RemoteFeed.objects.filter(status=Status.IMPORTING, imports=None)
    RemoteFeed.objects.filter(pk__in=list(waiting.values_list("pk", flat=True))).update(
        status=Status.QUEUED, due_at=now
    )


def _lacks_many(row: CatalogImport) -> bool:
    on_sale = Product.objects.filter(active=True).count()
    return row.complete and needs_confirmation(row.withdrawn, on_sale)

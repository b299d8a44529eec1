"""What became of a picture: rows, files, the import's report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from ml.errors import SketchfindError, gettext_noop
from webapp.catalog.fetching.client import Validators
from webapp.catalog.import_models import CatalogImport, ImportIssue
from webapp.catalog.importer.files import files_named, files_remove, files_write, photo_row
from webapp.catalog.importer.photos import PreparedPhoto
from webapp.catalog.models import Photo, RemotePicture
from webapp.input.messages import values_json

MAX_ATTEMPTS = 6
_RETRY, _MAX_RETRY = timedelta(seconds=30), timedelta(hours=1)
Status = RemotePicture.Status


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a request for a picture brought: a photo, nothing new, or an error.

    validators: None if nothing was received. retry: whether the error may pass.
    """

    picture: RemotePicture
    validators: Validators | None = None
    ready: PreparedPhoto | None = None
    error: SketchfindError | None = None
    retry: bool = False


def outcomes_store(outcomes: Sequence[Outcome], *, now: datetime) -> None:
    """Write outcomes completely or not at all, and remove the files of photos that were replaced.

    Pictures that a feed has dropped or asked for anew in the meantime stay as the feed wants them.
    """
    written: list[str] = []
    skus = [outcome.picture.product.sku for outcome in outcomes]
    try:
        for outcome in outcomes:
            if outcome.ready:
                files_write(outcome.picture.product.sku, outcome.ready, written)
        with transaction.atomic():
            replaced = _store(outcomes, now)
    except BaseException:
        files_remove(set(written) - files_named(skus))
        raise
    files_remove({*replaced, *written} - files_named(skus))


def retry_at(attempts: int, now: datetime) -> datetime:
    """Return when to try again after so many failed attempts: 30 s, 1, 2, 4 ... 60 minutes later."""
    return now + min(_RETRY * (1 << min(attempts - 1, 10)), _MAX_RETRY)


def _store(outcomes: Sequence[Outcome], now: datetime) -> list[str]:
    waiting = RemotePicture.objects.select_for_update().filter(status=Status.WAITING)
    rows = {row.pk: row for row in waiting.filter(pk__in=[one.picture.pk for one in outcomes])}
    replaced: list[str] = []
    for outcome in outcomes:
        row = rows.get(outcome.picture.pk)
        if row is None:
            continue
        if outcome.error:
            _fail(row, outcome, outcome.error, now)
        else:
            replaced += _succeed(row, outcome, now)
        row.save()
    return replaced


def _succeed(row: RemotePicture, outcome: Outcome, now: datetime) -> list[str]:
    """Return the names of the files of the photo that the new one replaces."""
    row.status, row.fetched_at, row.error, row.attempts = Status.FETCHED, now, "", 0
    if outcome.validators is not None:
        row.etag, row.last_modified = outcome.validators.etag, outcome.validators.last_modified
    if outcome.ready is None:
        _count(row, "pictures_unchanged")
        return []
    product, ready = outcome.picture.product, outcome.ready
    row.sha256 = ready.sha256
    old = Photo.objects.filter(product=product, url=row.url)
    replaced = [name for names in old.values_list("file", "thumb", "edges") for name in names]
    Photo.objects.filter(product=product, position=row.position).exclude(url=row.url).delete()
    old.delete()
    photo_row(product, row.position, ready, url=row.url).save(force_insert=True)
    _count(row, "pictures_fetched")
    return replaced


def _fail(row: RemotePicture, outcome: Outcome, error: SketchfindError, now: datetime) -> None:
    row.attempts += 1
    row.error = error.message[:300]
    if outcome.retry and row.attempts < MAX_ATTEMPTS:
        row.due_at = retry_at(row.attempts, now)
        return
    row.status = Status.FAILED
    _count(row, "pictures_failed")
    if row.catalog_import_id:
        ImportIssue.objects.create(
            catalog_import_id=row.catalog_import_id,
            row=row.row,
            sku=outcome.picture.product.sku,
            field="photo",
            why=gettext_noop("{why} ({url})"),
            values=values_json({"why": error, "url": row.url}),
            refused=False,
        )


def _count(row: RemotePicture, column: str) -> None:
    if row.catalog_import_id:
        CatalogImport.objects.filter(pk=row.catalog_import_id).update(**{column: F(column) + 1})

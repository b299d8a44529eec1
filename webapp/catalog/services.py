"""The life of an import: uploaded, claimed by one worker, run, finished."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import IO, Any
from uuid import UUID

import structlog
from django.conf import settings
from django.core.files.base import File
from django.db import transaction
from django.utils import timezone

from ml.images.decode import ImageLimits
from webapp.accounts.models import User
from webapp.catalog.changes import change_note
from webapp.catalog.import_models import LEASE, CatalogImport, ImportIssue
from webapp.catalog.importer.feed import feed_rows
from webapp.catalog.importer.findings import FeedError
from webapp.catalog.importer.photos import PHOTO_PX
from webapp.catalog.importer.run import Step, feed_import
from webapp.catalog.importer.sources import NoPictures, Pictures, ZipPictures
from webapp.catalog.models import Category, Product
from webapp.input.parsing import parse_json
from webapp.input.text import InputError
from webapp.jobs.leases import Lease, LeaseLostError, claim, unattended

log = structlog.get_logger(__name__)


def image_limits() -> ImageLimits:
    return ImageLimits(max_bytes=settings.IMAGE_MAX_BYTES, reduce_to_px=PHOTO_PX)


def catalog_import_create(
    *, feed: File[bytes], images: File[bytes] | None, created_by: User, dry_run: bool = False
) -> CatalogImport:
    """Create an import that waits for a worker; `jobs.catalog_import_wake` wakes one."""
    row = CatalogImport(
        created_by=created_by, feed_name=Path(feed.name or "feed").name[:200], dry_run=dry_run
    )
    row.feed.save("feed", feed, save=False)
    if images is not None:
        row.images.save("images", images, save=False)
    row.save(force_insert=True)
    return row


def catalog_import_claim(*, import_id: UUID, now: datetime) -> int | None:
    """Return this attempt's number if the import was waiting or its lease had expired; None if another worker has it."""
    with transaction.atomic():
        lease = claim(CatalogImport.objects.all(), import_id, now=now, expires_after=LEASE)
        if lease:
            ImportIssue.objects.filter(catalog_import=import_id).delete()
    return lease.attempt if lease else None


def catalog_import_run(*, import_id: UUID) -> None:
    """Run a waiting import, unless another worker does."""
    attempt = catalog_import_claim(import_id=import_id, now=timezone.now())
    if attempt is None:
        return
    lease = Lease(CatalogImport, import_id, attempt)
    row = CatalogImport.objects.get(pk=import_id)
    try:
        with row.feed.open("rb") as feed, _pictures(row) as pictures:
            steps = feed_import(
                feed_rows(feed, row.feed_name), pictures, limits=image_limits(), dry_run=row.dry_run
            )
            for step in steps:
                _save_step(row, lease, step, feed.tell() / max(row.feed.size, 1))
    except LeaseLostError:
        log.warning("import_taken_over", import_id=str(import_id), attempt=attempt)
        return
    except FeedError as error:
        _finish(lease, str(error))
    except Exception:
        log.exception("import_failed", import_id=str(import_id))
        _finish(lease, "The server failed; the error is in its log. It is safe to run the import again.")
        return
    else:
        _finish(lease, "")
    row.feed.delete(save=False)
    if row.images:
        row.images.delete(save=False)


def catalog_imports_unattended(*, now: datetime) -> list[UUID]:
    """Return imports whose worker is gone or whose message was lost."""
    return unattended(CatalogImport.objects.all(), now=now, after=LEASE)


def catalog_import_requeue(*, import_id: UUID) -> bool:
    """Queue a failed import again if its files still exist."""
    failed = CatalogImport.objects.filter(pk=import_id, status=CatalogImport.Status.FAILED)
    return bool(
        failed.exclude(feed="").update(status=CatalogImport.Status.QUEUED, error="", finished_at=None)
    )


def categories_update(*, names: dict[str, dict[str, str]]) -> None:
    """Set the categories' names in each language: `{"armchair": {"en": "Armchairs", "de": "Sessel"}}`."""
    rows = [
        Category(slug=slug, name_en=name.get("en") or slug.capitalize(), name_de=name.get("de", ""))
        for slug, name in names.items()
    ]
    stored = {row.slug: (row.name_en, row.name_de) for row in Category.objects.filter(slug__in=names)}
    renamed = [row.slug for row in rows if stored.get(row.slug) not in {None, (row.name_en, row.name_de)}]
    Category.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["slug"], update_fields=["name_en", "name_de"]
    )
    Product.objects.filter(category__slug__in=renamed).update(fits_version=0)


def categories_read(path: Path) -> dict[str, dict[str, str]]:
    """Read the file `categories.json` beside a feed. Raises FeedError if it has another form."""
    try:
        names = parse_json(path.read_bytes(), path.name)
    except (InputError, OSError) as error:
        raise FeedError(path.name, str(error).removeprefix(f"{path.name}: ")) from error
    if not isinstance(names, dict) or not all(isinstance(name, dict) for name in names.values()):
        raise FeedError(path.name, 'not of the form {"armchair": {"en": "Armchairs", "de": "Sessel"}}')
    return names


@contextlib.contextmanager
def _pictures(row: CatalogImport) -> Iterator[Pictures]:
    if not row.images:
        yield NoPictures()
        return
    file: IO[bytes]
    with row.images.open("rb") as file:
        yield ZipPictures(file, settings.IMAGE_MAX_BYTES)


def _save_step(row: CatalogImport, lease: Lease, step: Step, progress: float) -> None:
    with transaction.atomic():
        lease.keep(**asdict(step.counts), rows=step.counts.rows, progress=min(1.0, progress))
        ImportIssue.objects.bulk_create(
            [ImportIssue(catalog_import=row, **asdict(finding)) for finding in step.findings]
        )


def _finish(lease: Lease, error: str) -> None:
    status = CatalogImport.Status.FAILED if error else CatalogImport.Status.DONE
    done: dict[str, Any] = {} if error else {"progress": 1.0}
    with contextlib.suppress(LeaseLostError):
        lease.write(status=status, error=error, finished_at=timezone.now(), **done)
    change_note()  # indexes are not refreshed while an import runs

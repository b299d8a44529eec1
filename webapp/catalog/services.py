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
from django.core.files.storage import storages
from django.db import transaction
from django.db.models import Case, F, Q, When
from django.utils import timezone

from ml.errors import gettext_noop
from ml.images.decode import ImageLimits
from webapp.accounts.models import User
from webapp.catalog.changes import change_note
from webapp.catalog.import_models import FILES_KEPT, LEASE, MAX_TAKEOVERS, CatalogImport, ImportIssue
from webapp.catalog.importer.findings import FeedError
from webapp.catalog.importer.photos import PHOTO_PX
from webapp.catalog.importer.run import Step, feed_import
from webapp.catalog.importer.sources import NoPictures, Pictures, ZipPictures
from webapp.catalog.importer.stored import StoredPictures
from webapp.catalog.mappings import feed_mapped
from webapp.catalog.models import Category, Product, RemoteFeed
from webapp.catalog.tree import branch_ids
from webapp.input.messages import values_json
from webapp.input.parsing import parse_json
from webapp.input.text import InputError
from webapp.jobs.leases import Lease, LeaseLostError, claim, expired, revoke, unattended

log = structlog.get_logger(__name__)

_SERVER_FAILED = gettext_noop(
    "The server failed; the error is in its log. It is safe to run the import again."
)


def image_limits() -> ImageLimits:
    return ImageLimits(max_bytes=settings.IMAGE_MAX_BYTES, reduce_to_px=PHOTO_PX)


def catalog_import_create(
    *,
    feed: File[bytes],
    images: File[bytes] | None,
    created_by: User | None,
    dry_run: bool = False,
    images_folder: str = "",
    complete: bool = False,
    confirmed: int | None = None,
    hold: bool = False,
    remote_feed: RemoteFeed | None = None,
    mapping: dict[str, Any] | None = None,
) -> CatalogImport:
    """Create an import that waits for a worker, or with `hold` for `catalog_import_start`.

    remote_feed: where the feed was fetched. mapping: of its columns; as recognised, or kept, by default.
    `jobs.catalog_import_wake` wakes a worker.
    """
    row = CatalogImport(
        created_by=created_by,
        feed_name=Path(feed.name or "feed").name[:200],
        dry_run=dry_run,
        images_folder=images_folder,
        complete=complete,
        confirmed=confirmed,
        remote_feed=remote_feed,
        mapping=mapping or {},
        status=CatalogImport.Status.DRAFT if hold else CatalogImport.Status.QUEUED,
    )
    row.feed.save("feed", feed, save=False)
    if images is not None:
        row.images.save("images", images, save=False)
    row.save(force_insert=True)
    return row


def catalog_import_start(*, import_id: UUID, dry_run: bool, complete: bool, confirmed: int | None) -> bool:
    """Queue an import that is held, was only a check, or failed. Return False if it runs, or its files are gone."""
    states = CatalogImport.Status
    idle = CatalogImport.objects.filter(pk=import_id).exclude(feed="")
    idle = idle.exclude(status__in=[states.QUEUED, states.RUNNING]).exclude(status=states.DONE, dry_run=False)
    rows = ("rows", "created", "updated", "unchanged", "refused", "withdrawn")
    fresh = dict.fromkeys((*rows, "pictures_fetched", "pictures_unchanged", "pictures_failed"), 0)
    return bool(
        idle.update(
            status=states.QUEUED,
            error="",
            error_values={},
            progress=0.0,
            finished_at=None,
            heartbeat_at=None,
            dry_run=dry_run,
            complete=complete,
            confirmed=confirmed,
            **fresh,
        )
    )


def catalog_import_claim(*, import_id: UUID, now: datetime) -> int | None:
    """Return this attempt's number if the import was waiting or its lease had expired; None if another worker has it.

    A lease expires `MAX_TAKEOVERS` times; see `catalog_imports_give_up`.
    """
    takeovers = Case(When(status=CatalogImport.Status.RUNNING, then=F("takeovers") + 1), default=0)
    rows = CatalogImport.objects.filter(_may_be_claimed())
    with transaction.atomic():
        lease = claim(rows, import_id, now=now, expires_after=LEASE, started_at=now, takeovers=takeovers)
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
            mapped = feed_mapped(feed, row.feed_name, row.mapping)
            if not row.mapping:
                lease.keep(mapping=mapped.mapping.as_json())
            steps = feed_import(
                mapped.rows(),
                pictures,
                limits=image_limits(),
                dry_run=row.dry_run,
                complete=row.complete,
                confirmed=row.confirmed,
                catalog_import=import_id,
            )
            for step in steps:
                _save_step(row, lease, step, feed.tell() / max(row.feed.size, 1))
    except LeaseLostError:
        log.warning("import_taken_over", import_id=str(import_id), attempt=attempt)
        return
    except FeedError as error:
        _finish(lease, gettext_noop("{field}: {why}"), field=error.field, why=error)
        return
    except Exception:
        log.exception("import_failed", import_id=str(import_id))
        _finish(lease, _SERVER_FAILED)
        return
    _finish(lease, "")
    if not row.dry_run:
        catalog_import_files_delete(row)


def catalog_imports_tidy(*, now: datetime) -> None:
    """Delete the files of drafts, checks and failed imports that nobody has started for a week."""
    waiting = CatalogImport.objects.exclude(feed="").filter(created_at__lt=now - FILES_KEPT)
    active = [CatalogImport.Status.QUEUED, CatalogImport.Status.RUNNING]
    for row in waiting.exclude(status__in=active):
        catalog_import_files_delete(row)


def catalog_import_files_delete(row: CatalogImport) -> None:
    """Delete an import's files. Its counts and findings stay."""
    row.feed.delete(save=False)
    if row.images:
        row.images.delete(save=False)
    CatalogImport.objects.filter(pk=row.pk).update(feed="", images="")


def catalog_imports_unattended(*, now: datetime) -> list[UUID]:
    """Return imports whose worker is gone or whose message was lost."""
    return unattended(CatalogImport.objects.filter(_may_be_claimed()), now=now, after=LEASE)


_SILENT = gettext_noop(
    "{n} workers in turn fell silent after row {row}: look for rows there with very large or very many pictures; then "
    "start the import again."
)


def catalog_imports_give_up(*, now: datetime) -> None:
    """Fail imports whose workers have fallen silent once more than they may."""
    for row in expired(CatalogImport.objects.exclude(_may_be_claimed()), now=now, after=LEASE):
        values = {"n": row.takeovers + 1, "row": row.rows}
        failed = {"status": CatalogImport.Status.FAILED, "error": _SILENT, "error_values": values}
        if revoke(row, **failed, finished_at=now):
            log.error("import_given_up", import_id=str(row.pk), rows=row.rows)
            change_note()


def _may_be_claimed() -> Q:
    return Q(status=CatalogImport.Status.QUEUED) | Q(takeovers__lt=MAX_TAKEOVERS)


def catalog_import_requeue(*, import_id: UUID) -> bool:
    """Queue a failed import again if its files still exist."""
    failed = CatalogImport.objects.filter(pk=import_id, status=CatalogImport.Status.FAILED)
    return bool(
        failed.exclude(feed="").update(
            status=CatalogImport.Status.QUEUED, error="", error_values={}, finished_at=None
        )
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
    branches = {category for slug in renamed for category in branch_ids(slug)}
    Product.objects.filter(category__in=branches).update(fits_version=0)


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
        folder = row.images_folder
        yield (
            StoredPictures(storages["private"], folder, settings.IMAGE_MAX_BYTES) if folder else NoPictures()
        )
        return
    file: IO[bytes]
    with row.images.open("rb") as file:
        yield ZipPictures(file, settings.IMAGE_MAX_BYTES)


def _save_step(row: CatalogImport, lease: Lease, step: Step, progress: float) -> None:
    with transaction.atomic():
        lease.keep(**asdict(step.counts), rows=step.counts.rows, progress=min(1.0, progress))
        ImportIssue.objects.bulk_create(
            [
                ImportIssue(
                    catalog_import=row,
                    row=finding.row,
                    sku=finding.sku,
                    field=finding.field,
                    why=finding.why,
                    values=values_json(finding.values),
                    refused=finding.refused,
                )
                for finding in step.findings
            ]
        )


def _finish(lease: Lease, error: str, **values: object) -> None:
    """End an import; `error` is in English, with places for `values`."""
    status = CatalogImport.Status.FAILED if error else CatalogImport.Status.DONE
    done: dict[str, Any] = {} if error else {"progress": 1.0}
    with contextlib.suppress(LeaseLostError):
        lease.write(
            status=status,
            error=error,
            error_values=values_json(values),
            finished_at=timezone.now(),
            **done,
        )
    change_note()  # indexes are not refreshed while an import runs

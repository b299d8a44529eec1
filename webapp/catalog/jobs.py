"""Imports and fits on a worker, queue `default`. The rows are authoritative; a message only wakes a worker."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task
from django.db import transaction
from django.utils import timezone

from webapp.catalog.import_models import CatalogImport
from webapp.catalog.services import catalog_import_run, catalog_imports_unattended
from webapp.catalog.words.services import fits_refresh


@shared_task  # type: ignore[untyped-decorator]
def catalog_import_job(import_id: str) -> None:
    catalog_import_run(import_id=UUID(import_id))


@shared_task  # type: ignore[untyped-decorator]
def imports_reap_job() -> None:
    """Wake a worker for every import that should have one but has none."""
    for import_id in catalog_imports_unattended(now=timezone.now()):
        catalog_import_job.delay(str(import_id))


@shared_task  # type: ignore[untyped-decorator]
def fits_refresh_job() -> None:
    fits_refresh()


def fits_refresh_wake() -> None:
    """Wake a worker for products whose fits are out of date, once the transaction is committed."""
    transaction.on_commit(fits_refresh_job.delay, robust=True)


def catalog_import_wake(row: CatalogImport) -> None:
    """Wake a worker for `row` once it is committed. If the broker is unavailable, the reaper does so later."""
    transaction.on_commit(lambda: catalog_import_job.delay(str(row.pk)), robust=True)

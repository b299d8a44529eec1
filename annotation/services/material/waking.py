"""Wake a worker for an import of own material."""

from __future__ import annotations

from celery import current_app
from django.db import transaction

JOB = "annotation.jobs.material_import_job"  # by name, since jobs are above services


def material_import_wake(import_id: int) -> None:
    """Wake a worker once the import is committed. If the broker is unavailable, the reaper does so later."""
    transaction.on_commit(lambda: current_app.send_task(JOB, [import_id]), robust=True)

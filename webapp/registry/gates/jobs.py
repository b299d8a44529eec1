"""Jobs of the gates, on queue `index`."""

from __future__ import annotations

from celery import shared_task

from webapp.registry.gates.services import gate_run, gates_unattended
from webapp.registry.models import GateReport


@shared_task  # type: ignore[untyped-decorator]
def gate_job(report_id: int) -> None:
    """Run one gate; harmless if another worker has it or it is done."""
    gate_run(report=GateReport.objects.get(pk=report_id))


@shared_task  # type: ignore[untyped-decorator]
def gates_reap_job() -> None:
    """Wake a worker for every gate that should have one but has none."""
    for report_id in gates_unattended():
        gate_job.apply_async([report_id], queue="index")

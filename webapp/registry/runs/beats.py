"""The heartbeats of workers: each updates a row with its current job, from a thread of its main process."""

from __future__ import annotations

import os
import threading
from datetime import timedelta
from typing import Any

import structlog
from celery import signals
from celery.worker import state
from django.db import DatabaseError, InterfaceError, close_old_connections, connection
from django.utils import timezone

from webapp.registry.models import TrainingRun, WorkerBeat
from webapp.registry.runs.process.devices import local_devices
from webapp.registry.runs.process.machine import Meter

log = structlog.get_logger(__name__)
BEAT_S = 5.0
DELETE_AFTER = timedelta(hours=1)
_stopping = threading.Event()


@signals.worker_ready.connect  # type: ignore[untyped-decorator]
def _start(sender: Any, **_: Any) -> None:
    queues = sorted(sender.app.amqp.queues.consume_from)
    _stopping.clear()
    threading.Thread(target=_beat, args=(sender.hostname, queues), daemon=True, name="beat").start()


@signals.worker_shutdown.connect  # type: ignore[untyped-decorator]
def _stop(sender: Any, **_: Any) -> None:
    _stopping.set()


def _beat(name: str, queues: list[str]) -> None:
    meter = Meter(os.getpid())
    device = ", ".join(one.label for one in local_devices())[:120] if "train" in queues else ""
    while True:
        try:
            beat(name=name, queues=queues, device=device, figures=meter.sample())
        except (DatabaseError, InterfaceError) as error:
            log.warning("worker_beat_failed", error=str(error))
            close_old_connections()
        if _stopping.wait(BEAT_S):
            break
    WorkerBeat.objects.filter(name=name).delete()
    connection.close()


def beat(*, name: str, queues: list[str], device: str, figures: dict[str, float]) -> None:
    """Update a worker's row."""
    WorkerBeat.objects.update_or_create(
        name=name,
        defaults={
            "queues": queues,
            "alive_at": timezone.now(),
            "doing": _doing(name),
            "device": device,
            "cpu_percent": figures.get("cpu_percent"),
            "memory_bytes": figures.get("memory_bytes"),
        },
    )


def beats_expire() -> None:
    """Delete the rows of workers that have sent no heartbeat for a long time."""
    WorkerBeat.objects.filter(alive_at__lt=timezone.now() - DELETE_AFTER).delete()


def _doing(name: str) -> dict[str, Any] | None:
    """Return the run that the worker trains, else its first job that has arguments."""
    running = TrainingRun.objects.filter(status=TrainingRun.Status.RUNNING, worker=name)
    run_id = running.values_list("pk", flat=True).first()
    if run_id is not None:
        return {"kind": "run", "id": run_id}
    for request in list(state.active_requests):
        arguments = request.args or []
        if arguments:
            kind = request.name.rpartition(".")[2].removesuffix("_job")
            return {"kind": kind, "id": str(arguments[0])}
    return None

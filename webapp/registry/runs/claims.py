"""Who trains what: a run is claimed with its devices, held by its heartbeat, and taken away from who fell silent.

Every write of a worker names its attempt, so that one which was presumed dead and comes back changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone

from webapp.registry.claimed_rows import TakenOverError
from webapp.registry.models import DeviceHold, TrainingRun
from webapp.registry.runs.devices import Device

log = structlog.get_logger(__name__)
Status = TrainingRun.Status

LEASE = timedelta(seconds=30)  # a running training that has shown no sign of life for this long is taken over
MAX_LOSSES = 5  # workers in a row that may die of one run
_LONG_LIVED = timedelta(minutes=10)  # a worker that lived so long did not die of the run alone
_LOOK_AT = 50  # waiting runs


class LeaseLostError(TakenOverError):
    """Another worker has the run, or it was ended: whoever holds this must stop without another word."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right of one attempt to train a run."""

    run_id: int
    attempt: int
    devices: tuple[Device, ...]

    def keep(self, **values: Any) -> None:
        """Shows a sign of life and writes columns. Raises LeaseLostError."""
        if not self._held().update(heartbeat_at=timezone.now(), **values):
            raise LeaseLostError(f"run {self.run_id}, attempt {self.attempt}")

    def cancel_asked(self) -> bool:
        """Whether the operator wants the run to end. Raises LeaseLostError."""
        row = self._held().values_list("attempts", "cancel_requested_at").first()
        if row is None:
            raise LeaseLostError(f"run {self.run_id}, attempt {self.attempt}")
        return row[1] is not None

    @transaction.atomic
    def end(self, status: Status, **values: Any) -> None:
        """Writes how it ended and gives the devices back. Raises LeaseLostError."""
        finished_at = None if status == Status.QUEUED else timezone.now()
        if not self._held().update(status=status, finished_at=finished_at, **values):
            raise LeaseLostError(f"run {self.run_id}, attempt {self.attempt}")
        DeviceHold.objects.filter(run=self.run_id).delete()

    def _held(self) -> Any:
        return TrainingRun.objects.filter(pk=self.run_id, status=Status.RUNNING, attempts=self.attempt)


def run_claim(*, worker: str, devices: Sequence[Device], now: datetime) -> Lease | None:
    """Claims the oldest waiting run that this machine has free devices for; None where there is none."""
    runs_reap(now=now)
    waiting = TrainingRun.objects.filter(status=Status.QUEUED).order_by("pk")
    for run in waiting[:_LOOK_AT]:
        n_devices = run.processes if devices[0].gpu else 1
        if n_devices > len(devices):
            needs = f"waits for a machine with {n_devices} GPUs; {worker} has {len(devices)}"
            waiting.filter(pk=run.pk).update(error=needs)
            continue
        held = DeviceHold.objects.filter(device__in=[device.key for device in devices])
        taken = set(held.values_list("device", flat=True))
        free = [device for device in devices if device.key not in taken][:n_devices]
        if len(free) == n_devices and _claimed(run, worker, free, now):
            log.info("run_claimed", run=run.pk, attempt=run.attempts + 1, devices=[one.label for one in free])
            return Lease(run.pk, run.attempts + 1, tuple(free))
    return None


def _claimed(run: TrainingRun, worker: str, devices: list[Device], now: datetime) -> bool:
    """False where another worker has the run or a device by now."""
    free = TrainingRun.objects.filter(pk=run.pk, status=Status.QUEUED, attempts=run.attempts)
    try:
        with transaction.atomic():
            updated = free.update(
                status=Status.RUNNING,
                worker=worker,
                device=", ".join(device.label for device in devices)[:120],
                attempts=F("attempts") + 1,
                attempt_at=now,
                heartbeat_at=now,
                started_at=Coalesce("started_at", now),
                error="",
            )
            if updated:
                DeviceHold.objects.bulk_create(DeviceHold(device=one.key, run=run) for one in devices)
    except IntegrityError:
        return False
    return bool(updated)


def runs_reap(*, now: datetime) -> list[int]:
    """Queues every run again whose worker fell silent; those that keep losing their workers fail. Their ids."""
    silent = TrainingRun.objects.filter(status=Status.RUNNING, heartbeat_at__lt=now - LEASE)
    return [run.pk for run in silent.order_by("pk") if _reaped(run, now)]


@transaction.atomic
def _reaped(run: TrainingRun, now: datetime) -> bool:
    assert run.heartbeat_at is not None
    lived = run.heartbeat_at - (run.attempt_at or run.heartbeat_at)
    losses = 1 if lived > _LONG_LIVED else run.losses + 1
    values: dict[str, Any] = {"status": Status.QUEUED, "losses": losses, "worker": "", "device": ""}
    if run.cancel_requested_at is not None:
        values |= {"status": Status.CANCELLED, "finished_at": now}
    elif losses >= MAX_LOSSES:
        error = f"{losses} workers in a row died while they trained it, the last was {run.worker}"
        values |= {"status": Status.FAILED, "finished_at": now, "error": error}
    still = TrainingRun.objects.filter(
        pk=run.pk, status=Status.RUNNING, attempts=run.attempts, heartbeat_at=run.heartbeat_at
    )
    if not still.update(**values):  # it came back, or another reaper was first
        return False
    DeviceHold.objects.filter(run=run).delete()
    log.warning("run_lost_its_worker", run=run.pk, worker=run.worker, now=values["status"])
    return True

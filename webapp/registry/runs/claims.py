"""Claim runs for workers: a lease on the run together with its devices, and what happens when it expires."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import IntegrityError, transaction
from django.db.models.functions import Coalesce
from django.utils import timezone

from webapp.jobs.leases import Lease, LeaseLostError, claim, expired, revoke
from webapp.registry.models import DeviceHold, TrainingRun
from webapp.registry.runs.process.devices import Device

log = structlog.get_logger(__name__)
Status = TrainingRun.Status

LEASE = timedelta(seconds=30)  # a training without a heartbeat for this long loses its worker
MAX_LOSSES = 5  # workers in a row that one run may lose
_LONG_LIVED = timedelta(minutes=10)  # a worker that lived this long was probably not killed by the run
_CANDIDATES = 50  # waiting runs


@dataclass(frozen=True, slots=True)
class RunLease(Lease):
    """The right of one attempt to train a run on its devices."""

    devices: tuple[Device, ...]

    @property
    def run_id(self) -> int:
        return int(self.pk)

    def cancel_requested(self) -> bool:
        """Return whether the operator has cancelled the run. Raises LeaseLostError."""
        row = self.held().values_list("attempts", "cancel_requested_at").first()
        if row is None:
            raise LeaseLostError(str(self))
        return row[1] is not None

    @transaction.atomic
    def end(self, status: Status, **values: Any) -> None:
        """Save the outcome and release the devices. Raises LeaseLostError."""
        finished_at = None if status == Status.QUEUED else timezone.now()
        self.write(status=status, finished_at=finished_at, **values)
        DeviceHold.objects.filter(run=self.run_id).delete()


def run_claim(*, worker: str, devices: Sequence[Device], now: datetime) -> RunLease | None:
    """Claim the oldest waiting run for which this machine has free devices. Return None if there is none."""
    runs_reap(now=now)
    waiting = TrainingRun.objects.filter(status=Status.QUEUED).order_by("pk")
    for run in waiting[:_CANDIDATES]:
        n_devices = run.processes if devices[0].gpu else 1
        if n_devices > len(devices):
            needs = f"waits for a machine with {n_devices} GPUs; {worker} has {len(devices)}"
            waiting.filter(pk=run.pk).update(error=needs)
            continue
        held = DeviceHold.objects.filter(device__in=[device.key for device in devices])
        taken = set(held.values_list("device", flat=True))
        free = [device for device in devices if device.key not in taken][:n_devices]
        if len(free) == n_devices and (lease := _claim(run, worker, free, now)):
            log.info("run_claimed", run=run.pk, attempt=lease.attempt, devices=[one.label for one in free])
            return RunLease(TrainingRun, run.pk, lease.attempt, tuple(free))
    return None


def _claim(run: TrainingRun, worker: str, devices: list[Device], now: datetime) -> Lease | None:
    """Return None if another worker has the run or a device by now."""
    try:
        with transaction.atomic():
            lease = claim(
                TrainingRun.objects.filter(attempts=run.attempts),
                run.pk,
                now=now,
                worker=worker,
                device=", ".join(device.label for device in devices)[:120],
                attempt_at=now,
                started_at=Coalesce("started_at", now),
                error="",
            )
            if lease:
                DeviceHold.objects.bulk_create(DeviceHold(device=one.key, run=run) for one in devices)
    except IntegrityError:
        return None
    return lease


def runs_reap(*, now: datetime) -> list[int]:
    """Queue runs with an expired lease again; fail those that keep losing their workers. Return their ids."""
    silent = expired(TrainingRun.objects.all(), now=now, after=LEASE)
    return [run.pk for run in silent.order_by("pk") if _reap(run, now)]


@transaction.atomic
def _reap(run: TrainingRun, now: datetime) -> bool:
    assert run.heartbeat_at is not None
    lived = run.heartbeat_at - (run.attempt_at or run.heartbeat_at)
    losses = 1 if lived > _LONG_LIVED else run.losses + 1
    values: dict[str, Any] = {"status": Status.QUEUED, "losses": losses, "worker": "", "device": ""}
    if run.cancel_requested_at is not None:
        values |= {"status": Status.CANCELLED, "finished_at": now}
    elif losses >= MAX_LOSSES:
        error = f"{losses} workers in a row died while training it, the last was {run.worker}"
        values |= {"status": Status.FAILED, "finished_at": now, "error": error}
    if not revoke(run, **values):  # its worker came back, or another reaper was first
        return False
    DeviceHold.objects.filter(run=run).delete()
    log.warning("run_lost_its_worker", run=run.pk, worker=run.worker, now=values["status"])
    return True

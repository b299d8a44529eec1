"""Who may train what: one worker per run, one run per device, and what happens when a lease expires."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from tests.support.training import CPU, run_of
from webapp.jobs.leases import LeaseLostError
from webapp.registry.models import DatasetSnapshot, DeviceHold, TrainingRun
from webapp.registry.runs.claims import LEASE, MAX_LOSSES, RunLease, run_claim, runs_reap
from webapp.registry.runs.process.devices import Device
from webapp.registry.runs.services import run_cancel

pytestmark = pytest.mark.django_db
Status = TrainingRun.Status
GPUS = [Device(f"GPU-{n}", f"cuda:{n} H", f"GPU-{n}") for n in range(2)]


def claim(worker: str = "w1", devices: list[Device] = CPU, after: timedelta = timedelta()) -> RunLease | None:
    return run_claim(worker=worker, devices=devices, now=timezone.now() + after)


def test_the_oldest_run_is_first_and_reserves_its_device(snapshot: DatasetSnapshot) -> None:
    first, second = run_of(snapshot), run_of(snapshot)
    lease = claim()
    assert lease is not None
    assert lease.run_id == first.pk
    assert claim("w2") is None
    lease.end(Status.DONE)
    again = claim("w2")
    assert again is not None
    assert again.run_id == second.pk


def test_two_gpus_train_two_runs(snapshot: DatasetSnapshot) -> None:
    runs = [run_of(snapshot) for _ in range(3)]
    leases = [claim("w1", GPUS), claim("w2", GPUS), claim("w3", GPUS)]
    assert [lease and lease.run_id for lease in leases] == [runs[0].pk, runs[1].pk, None]
    assert {hold.device for hold in DeviceHold.objects.all()} == {"GPU-0", "GPU-1"}


def test_a_run_of_several_processes_takes_as_many_gpus_or_waits(snapshot: DatasetSnapshot) -> None:
    wide = run_of(snapshot, processes=2)
    wider = run_of(snapshot, processes=3)
    lease = claim("w1", GPUS)
    assert lease is not None
    assert (lease.run_id, len(lease.devices)) == (wide.pk, 2)
    lease.end(Status.DONE)
    assert claim("w1", GPUS) is None
    wider.refresh_from_db()
    assert wider.error == "waits for a machine with 3 GPUs; w1 has 2"


def test_a_run_with_an_expired_lease_is_queued_again(snapshot: DatasetSnapshot) -> None:
    run = run_of(snapshot)
    lost = claim("w1")
    assert lost is not None
    assert claim("w2", after=LEASE / 2) is None
    found = claim("w2", after=LEASE + timedelta(seconds=1))
    assert found is not None
    assert (found.run_id, found.attempt) == (run.pk, 2)
    with pytest.raises(LeaseLostError):
        lost.keep(step=99)
    with pytest.raises(LeaseLostError):
        lost.cancel_requested()
    with pytest.raises(LeaseLostError):
        lost.end(Status.FAILED)
    run.refresh_from_db()
    assert (run.status, run.worker, run.step) == (Status.RUNNING, "w2", 0)
    assert DeviceHold.objects.get().run_id == run.pk


def test_a_run_that_kills_every_worker_fails_in_the_end(snapshot: DatasetSnapshot) -> None:
    run = run_of(snapshot)
    for _ in range(MAX_LOSSES):
        assert claim() is not None
        assert runs_reap(now=timezone.now() + LEASE * 2) == [run.pk]
    run.refresh_from_db()
    assert run.status == Status.FAILED
    assert "5 workers in a row died" in run.error
    assert not DeviceHold.objects.exists()


def test_workers_that_lived_long_do_not_count(snapshot: DatasetSnapshot) -> None:
    run = run_of(snapshot)
    for _ in range(MAX_LOSSES + 1):
        assert claim() is not None
        TrainingRun.objects.update(attempt_at=timezone.now() - timedelta(hours=1))
        runs_reap(now=timezone.now() + LEASE * 2)
    run.refresh_from_db()
    assert run.status == Status.QUEUED


def test_a_cancelled_run_whose_worker_died_is_not_trained_again(snapshot: DatasetSnapshot) -> None:
    run = run_of(snapshot)
    claim()
    run_cancel(run=run)
    runs_reap(now=timezone.now() + LEASE * 2)
    run.refresh_from_db()
    assert run.status == Status.CANCELLED
    assert claim() is None


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_at_once_one_gets_the_run(snapshot: DatasetSnapshot) -> None:
    run_of(snapshot), run_of(snapshot)
    found: list[RunLease | None] = []
    ready = threading.Barrier(6)

    def worker(number: int) -> None:
        try:
            ready.wait(10)
            found.append(claim(f"w{number}"))
        finally:
            connection.close()

    threads = [threading.Thread(target=worker, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(found) == 6
    assert sum(lease is not None for lease in found) == 1
    assert TrainingRun.objects.filter(status=Status.RUNNING).count() == 1

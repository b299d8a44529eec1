"""One attempt at a run: its rows in progress, and the reason why it ends."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import structlog
from django.db import connection
from rest_framework.test import APIClient

from tests.support.tiny_model import tiny_model
from tests.support.training import CPU, run_of
from webapp.http.request_ids import request_id
from webapp.jobs.heartbeat import Heartbeat
from webapp.registry.models import (
    DatasetSnapshot,
    DeviceHold,
    IndexBuild,
    RunLogLine,
    RunMetric,
    TrainingRun,
)
from webapp.registry.runs import supervise
from webapp.registry.runs.chain import run_publish
from webapp.registry.runs.process import child
from webapp.registry.runs.services import run_cancel, run_resume
from webapp.registry.runs.supervise import run_folder, run_next
from webapp.stores import artifacts

Trains = Callable[[str], None]
Status = TrainingRun.Status
pytestmark = [pytest.mark.django_db, pytest.mark.both_stores]

SIX_STEPS = """
print("begins")
for step in range(6):
    row(step, loss=1 / (step + 1), **({"val/score": step / 10} if step % 2 else {}))
"""


def trained(run: TrainingRun) -> TrainingRun:
    assert run_next(worker="w1", devices=CPU) == run.pk
    run.refresh_from_db()
    return run


def test_a_successful_run_leaves_curves_log_and_figures(snapshot: DatasetSnapshot, trains: Trains) -> None:
    trains(SIX_STEPS)
    run = trained(run_of(snapshot))
    assert (run.status, run.error, run.attempts, run.worker) == (Status.DONE, "", 1, "w1")
    assert (run.step, run.n_steps) == (6, 6)
    rows = RunMetric.objects.filter(run=run, stage="run").order_by("step")
    assert [row.step for row in rows] == [0, 1, 2, 3, 4, 5]
    assert [row.validated for row in rows] == [False, True, False, True, False, True]
    assert run.latest == {"loss": 1 / 6, "val/score": 0.5}
    assert run.best == {"val/score": 0.5, "step": 5, "stage": "run"}
    assert run.measured == {"acc@1": {"value": 0.5, "ci95": [0.2, 0.8]}, "n_queries": 4}
    assert "begins" in RunLogLine.objects.filter(run=run).values_list("text", flat=True)
    assert run.finished_at is not None
    assert not DeviceHold.objects.exists()


def test_the_request_id_is_in_the_workers_and_the_trainings_logs(
    snapshot: DatasetSnapshot, trains: Trains, monkeypatch: pytest.MonkeyPatch
) -> None:
    trains(SIX_STEPS)
    with structlog.contextvars.bound_contextvars(request_id="press-of-an-operator"):
        run = run_of(snapshot)
    seen: list[str] = []

    def servable(folder: Path) -> bool:
        seen.append(request_id())
        return False

    monkeypatch.setattr(supervise, "_servable", servable)
    with structlog.contextvars.bound_contextvars(request_id="message-that-woke-the-worker"):
        trained(run)
    assert seen == ["press-of-an-operator"]
    (note,) = RunLogLine.objects.filter(run=run, text__startswith="attempt 1")
    assert "request press-of-an-operator" in note.text


def test_its_command_names_no_folder_of_the_machine(
    snapshot: DatasetSnapshot, trains: Trains, tmp_path: Path
) -> None:
    trains(SIX_STEPS)
    run = trained(run_of(snapshot))
    assert run.command.startswith("python -m ml train --system triplet-san --format qmul-v1 --root datasets/")
    assert "--set steps=4" in run.command
    assert str(tmp_path) not in run.command


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("raise MemoryError", "out of memory"),
        (
            "raise RuntimeError('[enforce fail at alloc_cpu.cpp:124] can\\'t allocate memory')",
            "out of memory",
        ),
        ("os.kill(os.getpid(), signal.SIGKILL)", "out of memory: the system killed the training (SIGKILL)"),
        ("raise OSError(28, 'No space left on device')", "the disk is full"),
        ("raise ValueError('odd')", "ValueError: odd"),
        ("print('so it goes'); sys.exit(3)", "ended with status 3: so it goes"),
        (
            "print(json.dumps({'error': {'type': 'DivergedError', 'field': 'step 7', 'message': 'the loss is nan'}}));"
            "sys.exit(2)",
            "step 7: the loss is nan",
        ),
    ],
)
def test_a_failed_run_gives_the_reason(
    snapshot: DatasetSnapshot, trains: Trains, body: str, reason: str
) -> None:
    trains(f"row(0, loss=1.0)\n{body}")
    run = trained(run_of(snapshot))
    assert run.status == Status.FAILED
    assert reason in run.error
    assert (
        RunMetric.objects.filter(run=run, stage="run").count() == 1
    )  # the last row before its end was saved
    assert not DeviceHold.objects.exists()


def test_a_dataset_that_vanished_is_named(snapshot: DatasetSnapshot, trains: Trains) -> None:
    run = run_of(snapshot)
    folder = artifacts.local_folder(snapshot.folder, [])
    (folder / "train" / "images" / "3.jpg").unlink()
    trains(SIX_STEPS)
    run = trained(run)
    assert run.status == Status.FAILED
    assert "train/images/3.jpg is missing" in run.error


def test_an_altered_dataset_is_refused(snapshot: DatasetSnapshot, trains: Trains) -> None:
    run = run_of(snapshot)
    manifest = artifacts.local_folder(snapshot.folder, []) / "dataset.json"
    manifest.write_text(manifest.read_text().replace("{", "{ ", 1))
    trains(SIX_STEPS)
    assert "altered" in trained(run).error


def test_a_resumed_run_continues_in_its_folder_without_duplicate_rows(
    snapshot: DatasetSnapshot, trains: Trains
) -> None:
    """Like the real training, the second attempt rewrites the rows since its checkpoint."""
    trains("for step in range(4): row(step, loss=float(step))\nraise ValueError('odd')")
    run = trained(run_of(snapshot))
    first = dict(RunMetric.objects.filter(run=run, stage="run").values_list("step", "pk"))
    run_resume(run=run)
    trains(
        """
        path = out / "run" / "metrics.jsonl"
        kept = path.read_text().splitlines(keepends=True)[:2]
        path.with_name("aside").write_text("".join(kept))
        path.with_name("aside").replace(path)
        for step in range(2, 6): row(step, loss=float(step))
        """
    )
    run = trained(run)
    assert (run.status, run.attempts) == (Status.DONE, 2)
    rows = RunMetric.objects.filter(run=run, stage="run").order_by("step")
    assert [(row.step, row.values["loss"]) for row in rows] == [(n, float(n)) for n in range(6)]
    assert {row.step: row.pk for row in rows if row.step in first} == first
    numbers = list(RunLogLine.objects.filter(run=run).values_list("number", flat=True))
    assert len(numbers) == len(set(numbers))


def test_a_resumed_run_fails_for_its_own_reason(snapshot: DatasetSnapshot, trains: Trains) -> None:
    trains("row(0, loss=1.0)\nraise OSError(28, 'No space left on device')")
    run = trained(run_of(snapshot))
    assert "the disk is full" in run.error
    run_resume(run=run)
    trains("row(1, loss=1.0)\nraise ValueError('the loss is nan')")
    assert trained(run).error == "ValueError: the loss is nan"


def test_a_log_with_nul_in_it_is_kept_without(snapshot: DatasetSnapshot, trains: Trains) -> None:
    trains("row(0, loss=1.0)\nprint('so\\0 it goes'); sys.exit(3)")
    run = trained(run_of(snapshot))
    assert run.error == "ended with status 3: so it goes"
    assert RunLogLine.objects.filter(run=run, text="so it goes").exists()


def test_a_long_registration_keeps_the_lease(
    snapshot: DatasetSnapshot, trains: Trains, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tiny_model(tmp_path / "made")
    trains(f"import shutil\nrow(0, loss=1.0)\nshutil.copytree({str(folder)!r}, out, dirs_exist_ok=True)")
    beaten = threading.Event()
    real = run_publish

    def long(**requested: Any) -> None:
        assert beaten.wait(20)
        real(**requested)

    monkeypatch.setattr(supervise, "run_publish", long)
    monkeypatch.setattr(supervise, "Heartbeat", lambda beat: Heartbeat(beaten.set, every_s=0.01))
    assert trained(run_of(snapshot)).status == Status.DONE


def test_a_folder_with_another_training_is_left_alone(snapshot: DatasetSnapshot, trains: Trains) -> None:
    trains(SIX_STEPS)
    run = run_of(snapshot)
    folder = run_folder(run.pk)
    folder.mkdir(parents=True)
    lock = child._locked(folder)
    try:
        assert run_next(worker="w1", devices=CPU) is None  # so that no worker is woken at once
        run.refresh_from_db()
        assert run.status == Status.QUEUED
        assert not (folder / "run").exists()
        assert not (folder / child.LOG).exists()  # the other's log is untouched
    finally:
        os.close(lock)
    assert trained(run).status == Status.DONE


def test_an_encoder_is_registered_once_and_its_index_requested(
    snapshot: DatasetSnapshot, trains: Trains, tmp_path: Path
) -> None:
    folder = tiny_model(tmp_path / "made")
    trains(f"import shutil\nrow(0, loss=1.0)\nshutil.copytree({str(folder)!r}, out, dirs_exist_ok=True)")
    run = trained(run_of(snapshot))
    model = run.model_versions.get()
    assert (run.status, model.name) == (Status.DONE, "tiny")
    assert run.measured == json.loads((folder / "model.json").read_text()).get("metrics", {})
    assert IndexBuild.objects.filter(model=model).count() == 1


def test_pictures_are_kept_for_its_page(
    snapshot: DatasetSnapshot, trains: Trains, operator_api: APIClient, stranger_api: APIClient
) -> None:
    trains(
        "row(0, loss=1.0)\n(out / 'migrated').mkdir()\n(out / 'migrated' / 'last.png').write_bytes(b'png')"
    )
    run = trained(run_of(snapshot))
    picture = operator_api.get(f"/api/v1/runs/{run.pk}/").json()["pictures"][0]
    assert picture["caption"] == "migrated, last"
    answer = operator_api.get(picture["url"])
    assert b"".join(answer.streaming_content) == b"png"  # type: ignore[attr-defined]
    assert stranger_api.get(picture["url"]).status_code == 403
    assert operator_api.get(picture["url"].replace("last", "other")).status_code == 404


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("stubborn", [False, True])
def test_a_cancelled_run_ends_in_time(
    snapshot: DatasetSnapshot, trains: Trains, monkeypatch: pytest.MonkeyPatch, stubborn: bool
) -> None:
    """One saves its checkpoint on request, and one ignores the request."""
    monkeypatch.setattr(supervise, "GRACE_S", 0.3)
    listens = "signal.signal(signal.SIGTERM, signal.SIG_IGN)" if stubborn else ""
    trains(f"{listens}\nrow(0, loss=1.0)\ntime.sleep(60)")
    run = run_of(snapshot)
    thread = threading.Thread(target=_worker)
    thread.start()
    _until(lambda: RunMetric.objects.filter(run=run, stage="run").exists())
    requested = time.monotonic()
    run_cancel(run=run)
    thread.join(10)
    assert not thread.is_alive()
    assert time.monotonic() - requested < 10
    run.refresh_from_db()
    assert run.status == Status.CANCELLED
    assert not DeviceHold.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_lost_its_lease_ends_the_process_and_writes_nothing(
    snapshot: DatasetSnapshot, trains: Trains
) -> None:
    trains("row(0, loss=1.0)\n(out / 'pid').write_text(str(os.getpid()))\ntime.sleep(60)")
    run = run_of(snapshot)
    thread = threading.Thread(target=_worker)
    thread.start()
    _until(lambda: RunMetric.objects.filter(run=run, stage="run").exists())
    TrainingRun.objects.filter(pk=run.pk).update(attempts=7, worker="another")
    thread.join(20)
    assert not thread.is_alive()
    run.refresh_from_db()
    assert (run.status, run.worker) == (Status.RUNNING, "another")
    pid = int((run_folder(run.pk) / "pid").read_text())
    assert not Path(f"/proc/{pid}").exists()


def _worker() -> None:
    try:
        run_next(worker="w1", devices=CPU)
    finally:
        connection.close()


def _until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline, "it takes too long"
        time.sleep(0.05)

"""Real workers and trainings: one is killed in the middle of a stage, one is cancelled; another continues."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.utils import timezone

from tests.support.training import tiny_run
from tests.support.worker import WorkerProcess, wake
from webapp.registry.models import DeviceHold, RunMetric, TrainingRun, WorkerBeat
from webapp.registry.models.runs import MACHINE
from webapp.registry.runs.claims import LEASE, runs_reap
from webapp.registry.runs.services import run_cancel, run_resume
from webapp.registry.runs.supervise import run_folder

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.one_store, pytest.mark.slow]
Status = TrainingRun.Status
STAGES = {"pretraining/1-cnn": 4, "pretraining/2-rnn": 4, "3-fuse": 60, "4-centres": 4, "5-full": 4}


def until(true: Callable[[], bool], *workers: WorkerProcess, within_s: float = 240) -> float:
    """Return the seconds until something is true."""
    started = time.monotonic()
    while not true():
        log = "\n".join(worker.log.read_text("utf-8", "replace")[-3000:] for worker in workers)
        assert time.monotonic() - started < within_s, log
        time.sleep(0.05)
    return time.monotonic() - started


def mid_stage(run: TrainingRun) -> Callable[[], bool]:
    """Return whether the run is in the middle of its third stage and has a checkpoint of it."""
    checkpoint = run_folder(run.pk) / "3-fuse" / "checkpoint.safetensors"
    rows = RunMetric.objects.filter(run=run, stage="3-fuse", step__gte=5)
    return lambda: checkpoint.exists() and rows.exists()


def is_now(run: TrainingRun, status: Status) -> Callable[[], bool]:
    def check() -> bool:
        run.refresh_from_db()
        return run.status == status

    return check


def trainers() -> list[str]:
    """Return the command lines of the training processes."""
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines.append(path.read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return [line for line in lines if " -m ml train " in line]


def test_a_run_survives_kill_9_and_a_cancelled_one_is_resumed(tmp_path: Path) -> None:
    run = tiny_run(tmp_path)
    folder = str(run_folder(run.pk))
    with WorkerProcess("one@here", "train", tmp_path) as one:
        wake("webapp.registry.runs.jobs.training_job", "train")
        until(mid_stage(run), one)
        one.kill()
    until(lambda: not any(folder in line for line in trainers()), within_s=10)
    run.refresh_from_db()
    assert (run.status, run.worker) == (Status.RUNNING, "one@here")  # no worker is left to change it
    assert runs_reap(now=timezone.now()) == []
    assert runs_reap(now=timezone.now() + LEASE) == [run.pk]

    with WorkerProcess("two@here", "train", tmp_path) as two:
        wake("webapp.registry.runs.jobs.training_job", "train")
        until(is_now(run, Status.RUNNING), two)
        until(lambda: WorkerBeat.objects.filter(name="two@here", doing__id=run.pk).exists(), two)
        run_cancel(run=run)
        assert until(is_now(run, Status.CANCELLED), two) < 10
        assert not any(folder in line for line in trainers())
        assert not DeviceHold.objects.exists()

        run_resume(run=run)
        wake("webapp.registry.runs.jobs.training_job", "train")
        until(is_now(run, Status.DONE), two)
    assert (run.attempts, run.worker, run.error) == (3, "two@here", "")
    rows = RunMetric.objects.filter(run=run).exclude(stage=MACHINE)
    assert {stage: rows.filter(stage=stage).count() for stage in STAGES} == STAGES
    for stage in STAGES:  # the rows equal the files, without duplicate or missing steps
        lines = (run_folder(run.pk) / stage / "metrics.jsonl").read_text().splitlines()
        reported = {row["step"]: row["loss"] for row in map(json.loads, lines)}
        assert dict(rows.filter(stage=stage).values_list("step", "values__loss")) == reported
    assert run.measured["mAP"]["value"] >= 0

"""A training by several processes of torchrun, which die with it, however it ends."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.training import CPU, tiny_run
from webapp.registry import ml_gateway
from webapp.registry.models import RunMetric, TrainingRun
from webapp.registry.runs.process.child import Child
from webapp.registry.runs.supervise import run_folder, run_next

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def test_two_processes_train_one_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    run = tiny_run(tmp_path, processes=2, fuse_steps=4)
    run_next(worker="w1", devices=CPU)
    run.refresh_from_db()
    assert (run.status, run.error) == (TrainingRun.Status.DONE, "")
    rows = RunMetric.objects.filter(run=run, stage="3-fuse")
    assert sorted(rows.values_list("step", flat=True)) == [0, 1, 2, 3]  # one process writes


def test_its_processes_die_with_the_launcher(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ml").mkdir()
    (tmp_path / "ml" / "__main__.py").write_text(
        "import os, pathlib, time\n"
        "pathlib.Path(os.environ['RANK']).write_text(str(os.getpid()))\n"
        "time.sleep(120)\n"
    )
    command = ml_gateway.process_of(["train"], processes=2)
    folder = run_folder(1)
    folder.mkdir(parents=True)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr("webapp.registry.runs.process.child.BASE_DIR", tmp_path)
    with Child(command, folder) as child:
        until(lambda: all((tmp_path / rank).exists() and (tmp_path / rank).read_text() for rank in "01"))
        pids = [int((tmp_path / rank).read_text()) for rank in "01"]
        os.kill(child.process.pid, signal.SIGKILL)
        until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids))


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 90
    while not true():
        assert time.monotonic() < deadline, "it takes too long"
        time.sleep(0.05)

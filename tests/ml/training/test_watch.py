"""SIGTERM makes a training save its checkpoint and stop; the command line reports it, and errors as JSON."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from types import ModuleType

import pytest

from ml import api, cli
from ml.errors import DatasetError
from ml.training.loop import CHECKPOINT
from ml.training.run_files import read_rows
from ml.training.watch import Cancelled, stops_on_sigterm

TRAIN = ["train", "--system", "triplet-san", "--format", "qmul-v1", "--root", ".", "--out", ".", "--json"]


def test_sigterm_stops_the_loop_after_its_step(runs: ModuleType, tmp_path: Path) -> None:
    loop = runs.make_loop(tmp_path)
    loop.on_row = lambda row: os.kill(os.getpid(), signal.SIGTERM) if row["step"] == 3 else None
    with pytest.raises(Cancelled), stops_on_sigterm():
        loop.run()
    assert (tmp_path / CHECKPOINT).exists()
    assert len(read_rows(tmp_path)) in (4, 5)
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


def test_the_loop_reports_its_last_step(runs: ModuleType, tmp_path: Path) -> None:
    loop = runs.make_loop(tmp_path)
    loop.run()
    plan = json.loads((tmp_path / "plan.json").read_text())
    expected = {
        "title": loop.title,
        "steps": loop.steps,
        "precision": "fp32",
        "precision_why": "as configured",
    }
    assert plan == expected


def test_a_stopped_training_exits_with_the_status_of_its_signal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopped(**_: object) -> None:
        raise Cancelled("cancelled after step 3")

    monkeypatch.setattr(api, "train", stopped)
    assert cli.main(TRAIN) == 143
    assert "after step 3" in capsys.readouterr().err


def test_bad_input_is_reported_as_json_on_request(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(**_: object) -> None:
        raise DatasetError("--root", "no photos")

    monkeypatch.setattr(api, "train", refused)
    assert cli.main(TRAIN) == 2
    printed = capsys.readouterr()
    assert printed.err == "--root: no photos\n"
    error = {"type": "DatasetError", "field": "--root", "message": "no photos"}
    assert json.loads(printed.out.splitlines()[-1]) == {"error": error}
    assert cli.main(TRAIN[:-1]) == 2
    assert capsys.readouterr().out == ""

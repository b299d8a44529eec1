"""Trainings for tests: a registered dataset, runs on it, and a fake training process."""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path
from typing import Any

from tests.support import layouts
from tests.support.doodles import write_doodles
from webapp.registry.datasets import dataset_register
from webapp.registry.models import DatasetSnapshot, TrainingRun
from webapp.registry.runs.process.devices import Device
from webapp.registry.runs.services import run_request

CPU = [Device("here:cpu", "cpu of here")]
QUICK = {"steps": 4, "batch_size": 4, "validate_every": 2, "checkpoint_interval_s": 0.0}


def hats(folder: Path, name: str = "hats") -> DatasetSnapshot:
    """A registered qmul-v1 folder of 20 train and 4 test pairs."""
    return dataset_register(format="qmul-v1", root=layouts.write_qmul_v1(folder / name))


def run_of(snapshot: DatasetSnapshot, **changes: Any) -> TrainingRun:
    """Create a queued run of triplet-san with a few steps."""
    requested: dict[str, Any] = {"system": "triplet-san", "config": QUICK}
    return run_request(snapshot=snapshot, **(requested | changes))


STAND_IN = """
import json, os, pathlib, signal, sys, time
arguments = sys.argv[1:]
command = arguments[0]
option = lambda name: arguments[arguments.index(name) + 1]
out = pathlib.Path(option("--out")) if command == "train" else None

def row(step, stage="run", **values):
    folder = out / stage
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "plan.json").write_text(json.dumps({"title": stage, "steps": 6}))
    with (folder / "metrics.jsonl").open("a") as file:
        file.write(json.dumps({"step": step, "time": time.time(), **values}) + "\\n")

if command == "evaluate":
    print(json.dumps({"acc@1": {"value": 0.5, "ci95": [0.2, 0.8]}, "n_queries": 4}))
    sys.exit()
"""


def stand_in(body: str) -> list[str]:
    """Return a replacement for `python -m ml`: `row` writes a metric row, `out` is the run's folder."""
    return [sys.executable, "-c", STAND_IN + textwrap.dedent(body)]


TINY_SKETCHMATE = {
    "batch_size": 8,
    "validations": 1,
    "code_length": 16,
    "precision": "fp32",
    "ema_decay": None,
    "image_size_px": 48,
    "width": 0.1,
    "fc_dim": 32,
    "rnn_hidden": 16,
    "max_points": 40,
    "cnn_steps": 4,
    "rnn_steps": 4,
    "fuse_steps": 60,
    "centre_steps": 4,
    "steps": 4,
    "checkpoint_interval_s": 0.3,
}


def tiny_run(folder: Path, *, processes: int = 1, **changes: Any) -> TrainingRun:
    """Create a queued run that really trains: SketchMate's five stages on a few doodles, in seconds."""
    doodles = dataset_register(format="quickdraw", root=write_doodles(folder / "doodles", n=12))
    config = TINY_SKETCHMATE | changes
    return run_request(snapshot=doodles, system="sketchmate", config=config, processes=processes)

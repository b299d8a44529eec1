"""A disk that fills up while a training writes a checkpoint: the error names it, the last checkpoint stays intact."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ml.training.checkpoint import load_checkpoint
from tests.support.doodles import write_doodles
from tests.support.topology import ROOT
from tests.support.training import TINY_SKETCHMATE

pytestmark = pytest.mark.slow

ROOM = 64 << 10  # bytes left on the full disk: enough for a line of metrics, too few for a checkpoint
ENVIRON = {**os.environ, "OMP_NUM_THREADS": "1"}
SETTINGS = {
    **TINY_SKETCHMATE,
    "fuse_steps": 40,
    "cnn_steps": 2,
    "rnn_steps": 2,
    "checkpoint_interval_s": 0.05,
}


def train(data: Path, out: Path, **changes: object) -> list[str]:
    options = [
        f"{key}={'none' if value is None else value}" for key, value in {**SETTINGS, **changes}.items()
    ]
    settings = [word for option in options for word in ("--set", option)]
    start = [sys.executable, "-m", "ml", "train", "--system", "sketchmate", "--format", "quickdraw"]
    return [*start, "--root", str(data), "--out", str(out), *settings]


def filled(place: Path, process: subprocess.Popen[str], checkpoint: Path) -> None:
    """Leave hardly any room on the disk."""
    del process, checkpoint
    filler = place / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(1 << 20))
        except OSError:
            pass
        file.truncate(filler.stat().st_size - ROOM)


def limited(place: Path, process: subprocess.Popen[str], checkpoint: Path) -> None:
    """Prevent the process from writing a file as large as a checkpoint."""
    del place
    most = checkpoint.stat().st_size - 1
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (most, most))


def trained_into_a_full_disk(
    data: Path, out: Path, fill: Callable[[Path, subprocess.Popen[str], Path], None]
) -> tuple[int, str, list[Path]]:
    """Return exit status, last lines and checkpoints of a training whose disk fills up after the first checkpoint."""
    with subprocess.Popen(train(data, out), cwd=ROOT, env=ENVIRON, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, text=True) as process:  # fmt: skip
        deadline = time.monotonic() + 60
        while not (found := [c for c in out.glob("**/checkpoint.safetensors") if "fuse" in c.parent.name]):
            assert process.poll() is None, process.stderr and process.stderr.read()
            assert time.monotonic() < deadline
            time.sleep(0.01)
        fill(out.parent, process, found[0])
        _, said = process.communicate(timeout=60)
    return process.returncode, said, found


def check(data: Path, out: Path, fill: Callable[[Path, subprocess.Popen[str], Path], None], why: str) -> None:
    status, said, checkpoints = trained_into_a_full_disk(data, out, fill)
    assert status == 2, said
    last = said.strip().splitlines()[-1]
    assert str(checkpoints[0]) in last
    assert why in last
    assert not list(out.glob("**/.*.tmp"))
    state = load_checkpoint(checkpoints[0])
    assert 0 < state["step"] < SETTINGS["fuse_steps"]
    (out.parent / "filler").unlink(missing_ok=True)
    again = subprocess.run(train(data, out), cwd=ROOT, env=ENVIRON, capture_output=True, text=True)
    assert again.returncode == 0, again.stderr
    assert (out / "model.json").exists()


def test_no_space_left_on_the_device(tmp_path: Path, small_disk: Path) -> None:
    check(write_doodles(tmp_path / "doodles", n=12), small_disk / "run", filled, "No space left on device")


def test_larger_files_not_allowed(tmp_path: Path) -> None:
    check(write_doodles(tmp_path / "doodles", n=12), tmp_path / "run", limited, "File too large")

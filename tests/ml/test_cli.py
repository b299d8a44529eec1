"""The command line itself: truncated output, and which system a name selects."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

from ml.cli import UNREAD, main

ROOT = Path(__file__).parents[2]


def test_output_may_be_truncated() -> None:
    command = [sys.executable, "-m", "ml", "options", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.read(1) == b"{"
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(timeout=60) == UNREAD


def test_training_reports_which_system_a_name_selects(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["train", "--format", "qmul-v1", "--root", str(tmp_path), "--out", str(tmp_path / "out")]
    assert main([*arguments, "--system", "sketchfind"]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "Training sketchfind-pairs: --system sketchfind on format qmul-v1"
    assert lines[1].startswith("--root: expected ")
    assert main([*arguments, "--system", "sketchfind-pairs"]) == 2
    assert capsys.readouterr().err.startswith("--root: expected ")


def test_the_installed_command_is_ml_cli() -> None:
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    module, function = scripts["sketchfind"].split(":")
    assert getattr(import_module(module), function) is main

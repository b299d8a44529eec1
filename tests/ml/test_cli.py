"""The command line itself: an output cut short, and a name that means another system."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

from ml.cli import UNREAD, main

ROOT = Path(__file__).parents[2]


def test_output_may_be_cut_short() -> None:
    command = [sys.executable, "-m", "ml", "options", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.read(1) == b"{"
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(timeout=60) == UNREAD


def test_training_says_which_system_a_name_means(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["train", "--format", "qmul-v1", "--root", str(tmp_path), "--out", str(tmp_path / "out")]
    assert main([*arguments, "--system", "sketchfind"]) == 2
    said = capsys.readouterr().err.splitlines()
    assert said[0] == "--system sketchfind on format qmul-v1: training sketchfind-pairs"
    assert said[1].startswith("--root: expected ")
    assert main([*arguments, "--system", "sketchfind-pairs"]) == 2
    assert capsys.readouterr().err.startswith("--root: expected ")


def test_the_installed_command_is_this_one() -> None:
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    module, function = scripts["sketchfind"].split(":")
    assert getattr(import_module(module), function) is main

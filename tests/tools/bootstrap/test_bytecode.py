"""Modules are compiled once, wherever Python is told to write no bytecode beside the sources."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tools.bootstrap.bytecode import with_bytecode


def imported(folder: Path, environ: dict[str, str]) -> None:
    (folder / "once.py").write_text("")
    subprocess.run([sys.executable, "-c", "import once"], cwd=folder, env=environ, check=True)


def test_bytecode_is_kept_in_the_virtual_environment(tmp_path: Path) -> None:
    told = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    told.pop("PYTHONPYCACHEPREFIX", None)
    venv = tmp_path / ".venv"
    imported(tmp_path, told)
    assert not list(tmp_path.rglob("*.pyc"))
    imported(tmp_path, with_bytecode(told, venv))
    (kept,) = tmp_path.rglob("once.*.pyc")
    assert kept.is_relative_to(venv / "bytecode")


def test_a_chosen_folder_is_used_and_other_environments_stay() -> None:
    told = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPYCACHEPREFIX": "/chosen"}
    assert with_bytecode(told, Path("/venv"))["PYTHONPYCACHEPREFIX"] == "/chosen"
    assert with_bytecode({"PATH": "/bin"}, Path("/venv")) == {"PATH": "/bin"}

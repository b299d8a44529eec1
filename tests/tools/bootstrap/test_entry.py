"""The commands as started by the Makefile: one line per error, before anything is installed."""

from __future__ import annotations

import ast
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
BOOTSTRAP = ROOT / "tools" / "bootstrap"


def run(*command: Any, **environ: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in command],
        cwd=ROOT,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
    )


def test_an_old_python_is_reported_with_the_required_version() -> None:
    pretend = (
        "import runpy, sys; sys.version_info = (3, 9, 2, 'final', 0);"
        "runpy.run_path('tools/bootstrap', None, '__main__')"
    )

    answer = run(sys.executable, "-c", pretend)

    assert answer.returncode == 1
    (line,) = answer.stderr.splitlines()
    assert line.startswith("Python 3.9 is too old: Sketchfind needs 3.11 or newer")


def test_old_pythons_can_read_the_entry() -> None:
    ast.parse((BOOTSTRAP / "__main__.py").read_text(), feature_version=(3, 4))


def test_nothing_but_the_standard_library_is_imported() -> None:
    listing = (
        "import runpy, sys; sys.argv = ['', 'no such command']\n"
        "try: runpy.run_path('tools/bootstrap', None, '__main__')\n"
        "except SystemExit: print(*sys.modules)"
    )

    names = {name.partition(".")[0] for name in run(sys.executable, "-I", "-S", "-c", listing).stdout.split()}

    assert "bootstrap" in names
    assert names - sys.stdlib_module_names - {"bootstrap", "__main__"} == set()


def test_a_port_in_use_is_reported_on_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        answer = run(sys.executable, BOOTSTRAP, "demo", PORT=str(port))

    assert answer.returncode == 1
    assert answer.stdout == ""
    (line,) = answer.stderr.splitlines()
    assert line.startswith(f"make demo: port {port} is in use")


def test_an_unknown_command_shows_the_known_ones() -> None:
    answer = run(sys.executable, BOOTSTRAP, "dmeo")

    assert answer.returncode == 2
    assert "demo,demo-reset,test,check,lint" in answer.stderr


def test_help_lists_every_command_of_the_makefile() -> None:
    listed = run("make", "help").stdout

    for name in ("demo", "test", "lint", "soak", "bench", "demo-reset", "docs", "constraints"):
        assert f"  make {name} " in listed

"""Parallel steps: the first failure ends the others and is the one reported."""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tools.bootstrap.console import Console
from tools.bootstrap.failure import Failure
from tools.bootstrap.supervisor import Family
from tools.bootstrap.workshop import Workshop


@pytest.fixture
def out() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def shop(tmp_path: Path, out: io.StringIO) -> Iterator[Workshop]:
    with Console(out) as console, Family(grace_s=1.0) as family:
        yield Workshop(tmp_path, {}, family, console)


def python(code: Any) -> list[str]:
    return [sys.executable, "-c", code]


def test_a_failed_job_ends_the_other_at_once(shop: Workshop, out: io.StringIO) -> None:
    started = time.monotonic()

    with pytest.raises(Failure, match=r"^Packages: nothing answers: no such index$"):
        shop.run_parallel(
            lambda: shop.run("Build", python("import time; time.sleep(600)")),
            lambda: shop.run("Packages", python("import sys; sys.exit('nothing answers: no such index')")),
        )

    assert time.monotonic() - started < 60
    assert [line.split()[0] for line in out.getvalue().splitlines()] == ["failed", "ended"]


def test_each_step_is_shown_with_its_time_when_it_is_done(shop: Workshop, out: io.StringIO) -> None:
    shop.run_parallel(lambda: shop.run("Build", python("")), lambda: shop.run("Packages", python("")))

    lines = [line.split() for line in out.getvalue().splitlines()]
    assert sorted((words[0], words[2], words[3]) for words in lines) == [
        ("ok", "s", "Build"),
        ("ok", "s", "Packages"),
    ]


def test_a_failed_check_shows_all_output_and_the_others_continue(shop: Workshop, out: io.StringIO) -> None:
    assert not shop.check(
        "mypy", python("print('a.py:1: error: wrong'); print('b.py:2: note: why'); exit(1)")
    )
    assert shop.check("ruff", python("print('All checks passed!')"))

    said = out.getvalue()
    assert "a.py:1: error: wrong\nb.py:2: note: why\n" in said
    assert "All checks passed!" not in said


def test_commands_run_in_the_given_folder_and_environment(shop: Workshop, tmp_path: Path) -> None:
    (tmp_path / "inside").mkdir()
    note = "import os, pathlib; pathlib.Path('note').write_text(os.environ['COLUMNS'])"

    shop.run("Note", python(note), cwd=tmp_path / "inside", environ={"COLUMNS": "72"})

    assert (tmp_path / "inside" / "note").read_text() == "72"

"""The process that trains: tied to us, alone in its folder, its words in a log file."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from webapp.config.environment import BASE_DIR, environment_inherited
from webapp.registry import ml_gateway

LOG, LOCK = "log.txt", ".lock"
_NICE = "5"  # searches on the same machine go first
_ATTEMPT = re.compile(r"attempt \d+ on ")


class FolderBusyError(Exception):
    """A training that was presumed dead is still at work in the folder."""


class Child:
    """A command of `ml` that is running. Leaving the `with` block ends it, whatever it is at.

    It has a session of its own, dies with us however we end, and holds the folder's lock as long as it lives, so
    that no second training writes into the folder. What it says goes to the folder's log, after `begins`; its answer,
    the last line of its standard output, to `answer` where that is given. It sees no GPUs but those of these UUIDs, if
    any.
    """

    def __init__(
        self,
        command: Sequence[str],
        folder: Path,
        *,
        gpus: Sequence[str] = (),
        answer: Path | None = None,
        begins: str = "",
    ) -> None:
        polite = [nice, "-n", _NICE] if (nice := shutil.which("nice")) else []
        lock = _locked(folder)
        if begins:
            note(folder, begins)
        with (folder / LOG).open("ab") as log:
            out: IO[bytes] = answer.open("wb") if answer else log
            try:
                self.process = subprocess.Popen(
                    [*polite, *ml_gateway.tied(str(os.getpid())), *command],
                    cwd=BASE_DIR,
                    env=_environment(folder, gpus),
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=log,
                    start_new_session=True,
                    pass_fds=(lock,),
                )
            finally:
                os.close(lock)
                if answer:
                    out.close()
        self._asked_at: float | None = None

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *error: object) -> None:
        self._signal(signal.SIGKILL)
        self.process.wait()

    def stop(self, *, grace_s: float) -> None:
        """Asks it to save and stop; ends it by force where it still runs `grace_s` after the first call."""
        if self._asked_at is None:
            self._asked_at = time.monotonic()
            self._signal(signal.SIGTERM)
        elif time.monotonic() - self._asked_at > grace_s:
            self._signal(signal.SIGKILL)

    def _signal(self, number: int) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, number)


def attempt_note(attempt: int, text: str) -> str:
    """The log's line with which an attempt begins."""
    return f"attempt {attempt} on {text}"


def is_attempt_note(line: str) -> bool:
    return _ATTEMPT.match(line) is not None


def note(folder: Path, text: str) -> None:
    """Adds a line of our own to the folder's log."""
    with (folder / LOG).open("a", encoding="utf-8") as log:
        log.write(f"{text}\n")


def _locked(folder: Path) -> int:
    """The open lock file of a folder, locked. Raises FolderBusyError."""
    lock = os.open(folder / LOCK, os.O_CREAT | os.O_RDWR, 0o644)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise FolderBusyError(str(folder)) from None
    return lock


def _environment(folder: Path, gpus: Sequence[str]) -> Mapping[str, str]:
    cache = str(folder.parent.parent / "cache")
    chosen = {"CUDA_VISIBLE_DEVICES": ",".join(gpus)} if gpus else {}
    # A core is left to who answers searches; on two of them threads that wait for each other are slower than one.
    usual = {"SKETCHFIND_CACHE": cache, "OMP_NUM_THREADS": str(max(1, (os.cpu_count() or 1) - 1))}
    return {**usual, **environment_inherited(), **chosen, "PYTHONUNBUFFERED": "1"}

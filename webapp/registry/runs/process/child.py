"""The training process: it dies with its worker, locks its folder, and writes to a log file."""

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
_NICE = "5"  # searches on the same machine take precedence
_ATTEMPT = re.compile(r"attempt \d+ on ")


class FolderBusyError(Exception):
    """A training that was presumed dead is still working in the folder."""


class Child:
    """A running command of `ml`. Leaving the `with` block kills it, whatever it is doing.

    It has its own session, dies with us however we end, and holds the folder's lock while it lives, so that no other
    training writes into the folder. Its output goes to the folder's log, after the line `first_line`; its answer, the
    last line of standard output, goes to `answer` if given. `gpus` are the UUIDs of the only GPUs that it sees, if any.
    """

    def __init__(
        self,
        command: Sequence[str],
        folder: Path,
        *,
        gpus: Sequence[str] = (),
        answer: Path | None = None,
        first_line: str = "",
    ) -> None:
        nice_prefix = [nice, "-n", _NICE] if (nice := shutil.which("nice")) else []
        lock = _locked(folder)
        if first_line:
            note(folder, first_line)
        with (folder / LOG).open("ab") as log:
            out: IO[bytes] = answer.open("wb") if answer else log
            try:
                self.process = subprocess.Popen(
                    [*nice_prefix, *ml_gateway.dying_with(str(os.getpid())), *command],
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
        self._stop_requested_at: float | None = None

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *error: object) -> None:
        self._signal(signal.SIGKILL)
        self.process.wait()

    def stop(self, *, grace_s: float) -> None:
        """Ask it to save and stop. Kill it if it still runs `grace_s` seconds after the first call."""
        if self._stop_requested_at is None:
            self._stop_requested_at = time.monotonic()
            self._signal(signal.SIGTERM)
        elif time.monotonic() - self._stop_requested_at > grace_s:
            self._signal(signal.SIGKILL)

    def _signal(self, number: int) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, number)


def attempt_note(attempt: int, text: str) -> str:
    """Return the log's first line of an attempt."""
    return f"attempt {attempt} on {text}"


def is_attempt_note(line: str) -> bool:
    return _ATTEMPT.match(line) is not None


def note(folder: Path, text: str) -> None:
    """Add our own line to the folder's log."""
    with (folder / LOG).open("a", encoding="utf-8") as log:
        log.write(f"{text}\n")


def _locked(folder: Path) -> int:
    """Return the folder's lock file, open and locked. Raises FolderBusyError."""
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
    # Leave a core to searches; with two cores, threads that wait for each other are slower than one.
    usual = {"SKETCHFIND_CACHE": cache, "OMP_NUM_THREADS": str(max(1, (os.cpu_count() or 1) - 1))}
    return {**usual, **environment_inherited(), **chosen, "PYTHONUNBUFFERED": "1"}

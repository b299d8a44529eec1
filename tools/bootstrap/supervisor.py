"""Start child processes of which none outlives us: each has a process group and dies with us."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType

from .failure import log_diagnosis

_DIE_WITH_PARENT = (
    Path(__file__).resolve().parents[2] / "webapp" / "jobs" / "die_with_parent.py"
)  # run, not imported
_LOG_END_BYTES = 20_000  # of a log are searched for a cause
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """A signal requested us to stop. Not an Exception, so that only the end of the command catches it."""


def stop_on_signals() -> None:
    """From now on, SIGINT, SIGTERM and SIGHUP raise Stopped in the main thread, once."""

    def stop(number: int, frame: FrameType | None) -> None:
        for each in _SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        raise Stopped(signal.Signals(number).name)

    for each in _SIGNALS:
        signal.signal(each, stop)


class Child:
    """A running child: its name, its log from byte `log_start` on, and the signal that ends it cleanly."""

    def __init__(
        self,
        name: str,
        process: subprocess.Popen[bytes],
        log: Path | None,
        stop_signal: int,
        log_start: int = 0,
    ) -> None:
        self.name = name
        self.process = process
        self.log = log
        self.stop_signal = stop_signal
        self.log_start = log_start

    def signal_group(self, number: int) -> None:
        """Signal the child and its descendants, if any are left."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, number)

    def why_ended(self) -> str:
        """Return one line on why the child has ended unexpectedly."""
        status = self.process.returncode
        if status < 0:
            memory = ", perhaps because the memory was full" if status == -signal.SIGKILL else ""
            reason = f"{self.name} was ended by {signal.Signals(-status).name}{memory}"
        else:
            reason = log_diagnosis(f"{self.name} ended with status {status}", self._last_lines())
        return f"{reason} (log: {self.log})"

    def _last_lines(self) -> list[str]:
        if self.log is None:
            return []
        with self.log.open("rb") as log:
            size = log.seek(0, os.SEEK_END)
            log.seek(max(self.log_start, size - _LOG_END_BYTES))
            return log.read().decode("utf-8", "replace").splitlines()[-60:]


class Family:
    """All children of one command. Leaving the `with` block ends those that still run."""

    def __init__(self, grace_s: float = 5.0) -> None:
        self.grace_s = grace_s
        self.stopping = False
        self._children: list[Child] = []
        self._lock = threading.Lock()

    def __enter__(self) -> Family:
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def start(
        self,
        name: str,
        command: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str] | None = None,
        log: Path | None = None,
        append: bool = False,
        pipe: bool = False,
        stop_signal: int = signal.SIGTERM,
        user: str = "-",
    ) -> Child:
        """Start `command`, as `user` if given. Its output goes to `log` (emptied, or appended to), a pipe, or ours."""
        wrapper = [
            sys.executable,
            "-I",
            "-S",
            str(_DIE_WITH_PARENT),
            str(os.getpid()),
            str(int(stop_signal)),
            user,
        ]
        with self._lock:
            if self.stopping:
                raise Stopped
            output = log.open("ab" if append else "wb") if log else None
            log_start = output.tell() if output else 0
            try:
                process = subprocess.Popen(
                    [*wrapper, *command],
                    cwd=cwd,
                    env=env,
                    stdin=subprocess.DEVNULL,
                    stdout=output or (subprocess.PIPE if pipe else None),
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            finally:
                if output:
                    output.close()
            child = Child(name, process, log, stop_signal, log_start)
            self._children.append(child)
            return child

    def run(
        self,
        name: str,
        command: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str] | None = None,
        user: str = "-",
        on_line: Callable[[str], None] = lambda line: None,
    ) -> int:
        """Run `command` to its end. Return its status; `on_line` gets each line, also of redrawn bars, as it comes."""
        child = self.start(name, command, cwd=cwd, env=env, user=user, pipe=True)
        assert child.process.stdout is not None
        with child.process.stdout as output:
            rest = b""
            while block := os.read(output.fileno(), 65536):
                *lines, rest = (rest + block).replace(b"\r", b"\n").split(b"\n")
                for line in lines:
                    on_line(line.decode("utf-8", "replace"))
            on_line(rest.decode("utf-8", "replace"))
        return self._await(child)

    def call(
        self, name: str, command: Sequence[str], *, cwd: Path, env: Mapping[str, str] | None = None
    ) -> int:
        """Run `command` to its end, showing its output as it comes. Return its status."""
        return self._await(self.start(name, command, cwd=cwd, env=env))

    def _await(self, child: Child) -> int:
        status = child.process.wait()
        self.leave(child)
        return status

    def leave(self, child: Child) -> None:
        """Forget a child that has ended, and end what it left running."""
        child.signal_group(signal.SIGKILL)
        with self._lock:
            if not self.stopping:
                self._children.remove(child)

    def first_ended(self) -> Child | None:
        """Return a child that has ended, if any has."""
        return next((child for child in self._children if child.process.poll() is not None), None)

    def stop(self) -> None:
        """End every child and its descendants: cleanly at first, by force after `grace_s`."""
        with self._lock:
            self.stopping = True
        for child in reversed(self._children):
            # Only the child itself: a worker or a database ends its own processes in order.
            if child.process.poll() is None:
                child.process.send_signal(child.stop_signal)
        deadline = time.monotonic() + self.grace_s
        for child in self._children:
            with suppress(subprocess.TimeoutExpired):
                child.process.wait(max(0.0, deadline - time.monotonic()))
            child.signal_group(signal.SIGKILL)
            child.process.wait()
        self._children.clear()

"""Keep a command's servers running: one that ends is restarted, after a pause that doubles each time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .console import Console
from .failure import Failure
from .supervisor import Child, Family


@dataclass
class _Service:
    """early_ends: in a row. due: when to start it, while no `child` runs."""

    start: Callable[[bool], Child]
    due: float
    child: Child | None = None
    started: float = 0.0
    early_ends: int = 0


class Services:
    """Servers by name. One that has run for `settled_s` counts as healthy, and its early ends are reset."""

    def __init__(
        self,
        family: Family,
        console: Console,
        *,
        first_pause_s: float = 0.5,
        max_pause_s: float = 60.0,
        settled_s: float = 60.0,
    ) -> None:
        self._family = family
        self._console = console
        self._first_pause_s = first_pause_s
        self._max_pause_s = max_pause_s
        self._settled_s = settled_s
        self._services: list[_Service] = []
        self._lock = threading.Lock()

    def add(
        self, name: str, command: Sequence[str], *, cwd: Path, env: Mapping[str, str] | None = None, log: Path
    ) -> None:
        """Let the next `tend` start a server and keep it running. Its log is emptied; restarts append to it.

        May be called from any thread. `tend` starts it, because on Linux a child ends with the thread that started it.
        """

        def start(append: bool) -> Child:
            return self._family.start(name, command, cwd=cwd, env=env, log=log, append=append)

        with self._lock:
            self._services.append(_Service(start, time.monotonic()))

    def tend(self, patience: int | None = None) -> None:
        """Start servers that are due and notice those that have ended; the main thread must call it often.

        Raises Failure if one has ended `patience` times in a row soon after its start.
        """
        with self._lock:
            services = list(self._services)
        for service in services:
            now = time.monotonic()
            if service.child is None:
                if now >= service.due:
                    service.child = service.start(service.early_ends > 0)
                    service.started = now
            elif service.child.process.poll() is not None:
                self._handle_end(service, service.child, now, patience)

    def _handle_end(self, service: _Service, child: Child, now: float, patience: int | None) -> None:
        if now - service.started > self._settled_s:
            service.early_ends = 0
        service.early_ends += 1
        reason = child.why_ended()
        self._family.leave(child)
        service.child = None
        if patience is not None and service.early_ends >= patience:
            raise Failure(reason)
        pause_s = min(self._max_pause_s, self._first_pause_s * 2 ** (service.early_ends - 1))
        service.due = now + pause_s
        self._console.line(f"{reason}; restarting in {pause_s:g} s")

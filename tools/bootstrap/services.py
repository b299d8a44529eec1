"""Keeps a command's servers running: one that ends is started again, after a pause that doubles each time."""

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
    """`early_ends` in a row; `due`: when it is to be started, while no `child` runs."""

    start: Callable[[bool], Child]
    due: float
    child: Child | None = None
    started: float = 0.0
    early_ends: int = 0


class Services:
    """Servers by name. One that has run for `settled_s` counts as healthy: its next end is its first again."""

    def __init__(
        self,
        family: Family,
        console: Console,
        *,
        first_pause_s: float = 0.5,
        longest_pause_s: float = 60.0,
        settled_s: float = 60.0,
    ) -> None:
        self._family = family
        self._console = console
        self._first_pause_s = first_pause_s
        self._longest_pause_s = longest_pause_s
        self._settled_s = settled_s
        self._services: list[_Service] = []
        self._lock = threading.Lock()

    def add(
        self, name: str, command: Sequence[str], *, cwd: Path, env: Mapping[str, str] | None = None, log: Path
    ) -> None:
        """Has a server started by the next `tend`, and kept running. Its log begins anew; restarts add to it.

        May be called from any thread. `tend` starts it, as a child on Linux ends with the thread that started it.
        """

        def start(append: bool) -> Child:
            return self._family.start(name, command, cwd=cwd, env=env, log=log, append=append)

        with self._lock:
            self._services.append(_Service(start, time.monotonic()))

    def tend(self, patience: int | None = None) -> None:
        """Starts the servers that are due and notices which have ended; the main thread is to call it often.

        Raises Failure when one has ended `patience` times in a row soon after its start.
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
                self._ended(service, service.child, now, patience)

    def _ended(self, service: _Service, child: Child, now: float, patience: int | None) -> None:
        if now - service.started > self._settled_s:
            service.early_ends = 0
        service.early_ends += 1
        reason = child.why_ended()
        self._family.leave(child)
        service.child = None
        if patience is not None and service.early_ends >= patience:
            raise Failure(reason)
        pause_s = min(self._longest_pause_s, self._first_pause_s * 2 ** (service.early_ends - 1))
        service.due = now + pause_s
        self._console.line(f"{reason}; starting it again in {pause_s:g} s")

"""Web servers of this site in separate processes, which can be killed and restarted."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType

from django.conf import settings

from tools.bootstrap.machine import HOST, port_free

START_S = 120.0


class Servers:
    """`n` gunicorn servers, as in production, each with its own port; they share database and settings with us."""

    def __init__(self, n: int, log: Path) -> None:
        self.log = log
        self.ports: list[int] = []
        while len(self.ports) < n:
            self.ports.append(port_free(max(self.ports, default=20_000) + 1))
        self._running: dict[int, subprocess.Popen[bytes]] = {}

    @property
    def urls(self) -> list[str]:
        return [f"http://{HOST}:{port}" for port in self.ports]

    def __enter__(self) -> Servers:
        for number in range(len(self.ports)):
            self.start(number)
        self.wait_until_ready()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number in list(self._running):
            self.kill(number)

    def start(self, number: int) -> None:
        """Start one server, without waiting until it answers."""
        serve = ["-m", "gunicorn", "--config", "docker/gunicorn.conf.py", "webapp.asgi:application"]
        listen = ["--workers", "1", "--bind", f"{HOST}:{self.ports[number]}"]
        with self.log.open("ab") as log:
            self._running[number] = subprocess.Popen(
                [sys.executable, *serve, *listen],
                cwd=settings.BASE_DIR,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self, number: int) -> None:
        """Kill one server, as in a machine failure: nothing is completed."""
        process = self._running.pop(number)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def wait_until_ready(self) -> None:
        """Wait until all servers answer. Raises RuntimeError with the end of the log if one does not."""
        deadline = time.monotonic() + START_S
        for url in self.urls:
            while not _answers(url):
                if time.monotonic() > deadline:
                    raise RuntimeError(f"{url} does not answer:\n{self.log.read_text()[-2000:]}")
                time.sleep(0.1)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False

"""The demo's site, started as in `make demo`, with its own data; and its memory."""

from __future__ import annotations

import resource
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

from django.conf import settings
from django.core.management.base import CommandError

from tools.bootstrap.machine import HOST, port_free
from tools.bootstrap.probe import search_trouble
from tools.hostile.row import Target
from webapp.config.environment import environment_inherited

_START_S = 120.0
_FIRST_PORT = 31_000


@dataclass(frozen=True, slots=True)
class Site:
    port: int
    pid: int

    def target(self, address: str) -> Target:
        return Target(HOST, self.port, address)

    @contextmanager
    def misbehaving(self, row: str, address: str) -> Iterator[None]:
        """Misbehave from an address, in a separate process, while the block runs."""
        command = [sys.executable, "-m", "tools.hostile.client", row, HOST, str(self.port), address]
        client = subprocess.Popen(command, cwd=settings.BASE_DIR, stdout=subprocess.PIPE)
        try:
            assert client.stdout
            client.stdout.readline()  # it has started
            yield
        finally:
            client.kill()
            client.communicate()

    @contextmanager
    def peak_memory(self) -> Iterator[list[float]]:
        """Yield a list that contains the peak in MB of the web process and its children once the block has run."""
        peak, over = [0.0], threading.Event()

        def watch() -> None:
            while not over.wait(0.05):
                peak[0] = max(peak[0], self.memory_mb())

        thread = threading.Thread(target=watch)
        thread.start()
        try:
            yield peak
        finally:
            over.set()
            thread.join()

    def memory_mb(self) -> float:
        """Return the resident memory of the web process and its children; 0 without /proc."""
        total, waiting = 0, [str(self.pid)]
        while waiting:
            process = Path(f"/proc/{waiting.pop()}")
            with suppress(OSError):  # the process has just ended
                total += int((process / "statm").read_text().split()[1]) * resource.getpagesize()
                for thread in (process / "task").iterdir():
                    waiting += (thread / "children").read_text().split()
        return total / 1e6


@contextmanager
def running_site(folder: Path) -> Iterator[Site]:
    """Serve the demo's catalogue from `folder`, which is kept for the next run."""
    folder.mkdir(parents=True, exist_ok=True)
    environ = {**environment_inherited(), "SKETCHFIND_DATA_DIR": str(folder)}
    for name in ("DATABASE_URL", "REDIS_URL", "MEDIA_URL"):
        environ.pop(name, None)
        environ.pop(f"SKETCHFIND_{name}", None)
    port = port_free(_FIRST_PORT)
    with (folder / "bench.log").open("wb") as log:
        prepare = [sys.executable, "manage.py", "demo_prepare"]
        if subprocess.run(prepare, cwd=settings.BASE_DIR, env=environ, stdout=log, stderr=log).returncode:
            raise CommandError(f"the demo's data could not be created; see {log.name}")
        web = subprocess.Popen(
            [sys.executable, "-m", "tools.demo.server", str(port)],
            cwd=settings.BASE_DIR,
            env=environ,
            stdout=log,
            stderr=log,
        )
        try:
            deadline = monotonic() + _START_S
            while (trouble := search_trouble(f"http://{HOST}:{port}")) is not None:
                if web.poll() is not None or monotonic() > deadline:
                    raise CommandError(f"search does not work: {trouble}; see {log.name}")
                sleep(0.2)
            yield Site(port, web.pid)
        finally:
            web.terminate()
            web.wait()

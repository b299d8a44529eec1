"""Celery workers in separate processes, on the test's stores: started, woken, killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from celery import Celery
from django.conf import settings
from django.db import connections

from webapp.config.environment import config_read
from webapp.stores.settings import broker_settings

START_S = 90.0


def environment() -> dict[str, str]:
    """Return an environment with the database, files and broker of the running test."""
    database = connections["default"].settings_dict
    url = f"sqlite:///{database['NAME']}"
    if connections["default"].vendor == "postgresql":
        url = f"postgresql://{database['USER']}@{database['HOST']}:{database['PORT']}/{database['NAME']}"
    return {
        **os.environ,
        "SKETCHFIND_DATABASE_URL": url,
        "SKETCHFIND_DATA_DIR": str(settings.DATA_DIR),
        "SKETCHFIND_MEDIA_URL": f"file:{settings.DATA_DIR}/media",
        "SKETCHFIND_REDIS_URL": settings.CONFIG.redis_url,
        "DJANGO_SETTINGS_MODULE": "webapp.settings",
        "OMP_NUM_THREADS": "1",
        "SKETCHFIND_LOG_LEVEL": "INFO",
    }


def wake(job: str, queue: str, environ: Mapping[str, str] | None = None) -> None:
    """Send a message as this site does, or that of `environ`; a test's own broker reaches no other process."""
    sender = Celery("sender", set_as_current=False)
    for name, value in broker_settings(config_read(environment() if environ is None else environ)).items():
        sender.conf[name.lower()] = value
    sender.send_task(job, queue=queue)
    sender.close()


class WorkerProcess:
    """A worker of one queue with one process for its jobs. It is killed when the `with` block ends."""

    def __init__(self, name: str, queue: str, folder: Path) -> None:
        self.name = name
        self.log = folder / f"{name}.log"
        command = [sys.executable, "-m", "celery", "--app", "webapp", "worker", "--queues", queue]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*command, "--concurrency", "1", "--hostname", name, "--loglevel", "INFO"],
                cwd=settings.BASE_DIR,
                env=environment(),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def __enter__(self) -> WorkerProcess:
        deadline = time.monotonic() + START_S
        while "ready." not in self.log.read_text("utf-8", "replace"):
            assert self._process.poll() is None, self.log.read_text("utf-8", "replace")
            assert time.monotonic() < deadline, "the worker does not start"
            time.sleep(0.05)
        return self

    def __exit__(self, *error: Any) -> None:
        self.kill()

    def kill(self) -> None:
        """Kill the worker and the process of its jobs with -9."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

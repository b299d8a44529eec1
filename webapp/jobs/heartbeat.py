"""A heartbeat from a thread, for work that sends none: copying, hashing or checking may outlast a lease."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress

import structlog
from django.db import InterfaceError, OperationalError, close_old_connections, connection

from webapp.jobs.leases import LeaseLostError

log = structlog.get_logger(__name__)
EVERY_S = 5.0


class Heartbeat:
    """Calls `beat` every few seconds while its `with` block runs, over its own database connection.

    It ends with the block, or when `beat` raises LeaseLostError; the block's next write is then refused too. If the
    database is unavailable, it tries again.
    """

    def __init__(self, beat: Callable[[], object], *, every_s: float = EVERY_S) -> None:
        self._beat = beat
        self._every_s = every_s
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def __enter__(self) -> Heartbeat:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            with suppress(LeaseLostError):
                while not self._ended.wait(self._every_s):
                    self._once()
        finally:
            connection.close()

    def _once(self) -> None:
        try:
            self._beat()
        except (OperationalError, InterfaceError) as error:
            log.warning("heartbeat_failed", error=str(error))
            close_old_connections()

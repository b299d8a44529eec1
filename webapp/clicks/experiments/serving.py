"""The release of the running experiment in this process's memory, beside the live one.

A thread follows the experiment's row. While a process still loads the release, or cannot, its visitors get the live
release's answers: replicas agree on who takes part, and only interleaved answers count.
"""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from time import sleep

import structlog
from django.db import InterfaceError, OperationalError, close_old_connections

from webapp.clicks.models import Experiment
from webapp.clicks.recording.policy import recording
from webapp.registry.releases import live as live_module
from webapp.registry.releases.live import LiveRelease

log = structlog.get_logger(__name__)
_POLL_S = 2.0


@dataclass(frozen=True, eq=False)
class Running:
    """An experiment ready to serve. model_sha256: of the live release that it compares with."""

    id: int
    percent: int
    model_sha256: str
    release: LiveRelease


class _Follower:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: Running | None = None
        self._failed = 0  # the experiment whose release could not be loaded
        self._pid = 0

    def current(self) -> Running | None:
        if recording()["mode"] == "off":
            return None
        if not live_module.POLL_S:  # tests see their own transaction
            self.refresh()
        elif self._pid != os.getpid():  # the first call, or a fork, which has no threads
            with self._lock:
                if self._pid != os.getpid():
                    self._pid = os.getpid()
                    threading.Thread(target=self._watch, name="experiment", daemon=True).start()
        return self._running

    def refresh(self) -> None:
        """Load or drop the second release as the row says."""
        row = Experiment.objects.select_related("against").filter(running=True).first()
        known = self._running
        if row is None:
            self._running = None
        elif (known is None or known.id != row.pk) and self._failed != row.pk:
            self._running = None  # never two besides the live one
            live = live_module.current()
            try:
                loaded = live_module.load_beside(row.release_id, live)
            except (InterfaceError, OperationalError):
                raise
            except Exception as error:
                self._failed = row.pk
                log.exception("experiment_not_loaded", experiment=row.pk, error=str(error))
                return
            self._running = Running(row.pk, row.percent, row.against.model_sha256, loaded)
            log.info("experiment_serves", experiment=row.pk, release=row.release_id)

    def _watch(self) -> None:
        while True:
            try:
                self.refresh()
            except (InterfaceError, OperationalError) as error:  # the database is unavailable; keep trying
                log.warning("experiment_unknown", error=str(error))
            finally:
                close_old_connections()
            sleep(_POLL_S)

    def reset(self) -> None:
        self._running, self._failed = None, 0


_follower = _Follower()


def current(live: LiveRelease) -> Running | None:
    """Return the running experiment if its release is loaded and it compares with the model that is live."""
    running = _follower.current()
    return running if running and running.model_sha256 == live.model_sha256 else None


def reset() -> None:
    """Drop what is in memory, for tests that change databases."""
    _follower.reset()

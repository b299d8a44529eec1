"""An anonymous sample of the newest queries, for gates to replay. Recording never delays an answer."""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import Any

import structlog
from django.conf import settings
from django.db import close_old_connections

from ml.sketch.strokes import Sketch
from webapp.registry.models import RecordedQuery

log = structlog.get_logger(__name__)

MAX_POINTS = 4_000  # of a recorded sketch
_WAITING = 20  # recordings; queries that arrive while this many wait are not recorded
_PAUSE_S = 0.5  # after each: a write costs as much as a search

_queries = count(1)


def query_record(*, sketch: Sketch, release_id: int, results: Sequence[Mapping[str, Any]]) -> None:
    """Record every `RECORDED_QUERY_EVERY`th query, in a thread. Raises nothing."""
    every = settings.RECORDED_QUERY_EVERY
    if not every or next(_queries) % every or not results or sum(sketch.lengths) > MAX_POINTS:
        return
    _recorder.put(
        RecordedQuery(
            sketch=sketch.to_payload(),
            release_id=release_id,
            product_ids=[result["product"]["id"] for result in results],
            scores=[result["score"] for result in results],
        )
    )


def query_store(query: RecordedQuery) -> None:
    """Save a query and delete the oldest beyond the limit."""
    query.save()
    RecordedQuery.objects.filter(pk__lte=query.pk - settings.RECORDED_QUERIES).delete()


class _Recorder:
    """One thread per process that stores queries in order, at most `1 / pause_s` per second."""

    def __init__(self, store: Callable[[RecordedQuery], None], pause_s: float = _PAUSE_S) -> None:
        self._store = store
        self._pause_s = pause_s
        self._waiting: queue.Queue[RecordedQuery] = queue.Queue(_WAITING)
        self._pid = 0
        self._lock = threading.Lock()

    def put(self, query: RecordedQuery) -> None:
        if self._pid != os.getpid():  # the first call, or a fork, which has no threads
            with self._lock:
                if self._pid != os.getpid():
                    self._pid = os.getpid()
                    self._waiting = queue.Queue(_WAITING)
                    threading.Thread(target=self._run, name="recorded-queries", daemon=True).start()
        try:
            self._waiting.put_nowait(query)
        except queue.Full:
            log.debug("query_not_recorded", waiting=_WAITING)

    def _run(self) -> None:
        waiting = self._waiting
        while True:
            query = waiting.get()
            try:
                self._store(query)
            except Exception as error:  # searches go on, whatever the error
                log.warning("query_not_recorded", error=str(error))
            finally:
                close_old_connections()
                waiting.task_done()
            time.sleep(self._pause_s)


_recorder = _Recorder(query_store)

"""Add visitors' sketches to the running sum that index builds centre queries by. Only sums are kept, no sketch."""

from __future__ import annotations

import threading
from itertools import count
from time import monotonic

import numpy as np
import structlog
from django.conf import settings
from django.db import DatabaseError, IntegrityError, close_old_connections, transaction
from numpy.typing import NDArray

from ml.retrieval.centres import SketchSum
from webapp.registry.models import SketchSum as Row

log = structlog.get_logger(__name__)

FLUSH_S = 60.0
MOST = 2_000  # sketches; beyond, the sum is reduced to half as many, so that newer ones count for more
_DTYPE = np.dtype("<f8")
Vector = NDArray[np.float32]


def sketch_sum_read(encoder_sha256: str) -> SketchSum | None:
    """Return the sum of the sketches that this encoder has seen; None before the first, or if the site learns nothing."""
    if not settings.LEARN_FROM_SKETCHES:
        return None
    row = Row.objects.filter(encoder_sha256=encoder_sha256).first()
    return SketchSum(row.n, np.frombuffer(bytes(row.total), _DTYPE)) if row else None


def sketch_sum_add(encoder_sha256: str, added: SketchSum) -> None:
    """Add to the stored sum. Several processes may do so at once."""
    try:
        with transaction.atomic():
            row = Row.objects.select_for_update().filter(encoder_sha256=encoder_sha256).first()
            if row is None:
                Row.objects.create(encoder_sha256=encoder_sha256, n=added.n, total=_bytes(added.total))
                return
            n, total = row.n + added.n, np.frombuffer(bytes(row.total), _DTYPE) + added.total
            if n > MOST:
                n, total = MOST // 2, total * (MOST / 2 / n)
            row.n, row.total = n, _bytes(total)
            row.save()
    except IntegrityError:  # another process stored the first one
        sketch_sum_add(encoder_sha256, added)


class SketchSums:
    """Sums of this process that are not stored yet, by encoder. Safe to call from several threads at once."""

    def __init__(self, flush_s: float = FLUSH_S) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[str, SketchSum] = {}
        self._flush_s = flush_s
        self._due = monotonic() + flush_s
        self._queries = count(1)

    def offer(self, encoder_sha256: str, projection: Vector) -> None:
        """Add every `LEARN_EVERY`th sketch's projection, float32 (D,); now and then a thread stores the sums."""
        if not settings.LEARN_FROM_SKETCHES or next(self._queries) % settings.LEARN_EVERY:
            return
        with self._lock:
            known = self._waiting.get(encoder_sha256)
            total = projection.astype(np.float64) + (known.total if known else 0.0)
            self._waiting[encoder_sha256] = SketchSum(known.n + 1 if known else 1, total)
            due = monotonic() >= self._due
            if due:
                self._due = monotonic() + self._flush_s
        if due:
            threading.Thread(target=self._flush_in_thread, name="sketch-sums", daemon=True).start()

    def flush(self) -> None:
        """Store the sums. A failure is logged and the sums are dropped: searches go on."""
        with self._lock:
            waiting, self._waiting = self._waiting, {}
        for encoder_sha256, added in waiting.items():
            try:
                sketch_sum_add(encoder_sha256, added)
            except DatabaseError as error:
                log.warning("sketch_sum_not_stored", n=added.n, error=str(error))

    def _flush_in_thread(self) -> None:
        try:
            self.flush()
        finally:
            close_old_connections()


sketch_sums = SketchSums()


def _bytes(total: NDArray[np.float64]) -> bytes:
    return np.ascontiguousarray(total, _DTYPE).tobytes()

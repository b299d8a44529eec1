"""Add visitors' sketches to the running sum that index builds centre queries by. Only sums are kept, no sketch.

Every `LEARN_EVERY`th search is counted, and of each address only a few per day, so that nobody can move the centre alone.
Addresses are counted in the cache only, under a keyed hash.
"""

from __future__ import annotations

import threading
from itertools import count
from time import monotonic

import numpy as np
import structlog
from django.conf import settings
from django.db import DatabaseError, IntegrityError, close_old_connections, transaction
from django.utils import timezone
from numpy.typing import NDArray

from ml.retrieval.centres import SketchSum
from webapp.registry.models import SketchSum as Row
from webapp.stores.cache import counter_increment
from webapp.stores.quotas import DAY_S, address_key

log = structlog.get_logger(__name__)

FLUSH_S = 60.0
PER_ADDRESS = 10  # sketches per day: half of what the first build that counts sketches needs
_DTYPE = np.dtype("<f8")
Vector = NDArray[np.float32]


def sketch_sum_read(encoder_sha256: str) -> SketchSum | None:
    """Return the sum of the sketches that this encoder has seen; None before the first, or if the site learns nothing."""
    if not settings.LEARN_FROM_SKETCHES:
        return None
    row = Row.objects.filter(encoder_sha256=encoder_sha256).first()
    return _sum_of(row) if row else None


def sketch_sum_add(encoder_sha256: str, added: SketchSum) -> None:
    """Add to the stored sum. Several processes may do so at once."""
    try:
        with transaction.atomic():
            row = Row.objects.select_for_update().filter(encoder_sha256=encoder_sha256).first()
            if row is None:
                Row.objects.create(encoder_sha256=encoder_sha256, n=added.n, total=_bytes(added.total))
                return
            both = _sum_of(row).plus(added)
            row.n, row.total = both.n, _bytes(both.total)
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

    def wants(self, address: str) -> bool:
        """Return whether to add the next sketch, which comes from `address`, and count it as added."""
        if not settings.LEARN_FROM_SKETCHES or next(self._queries) % settings.LEARN_EVERY:
            return False
        key = address_key("sketch-sum", address, timezone.now())
        return counter_increment(key, DAY_S) <= PER_ADDRESS

    def add(self, encoder_sha256: str, projection: Vector) -> None:
        """Add a sketch's projection, float32 (D,); now and then a thread stores the sums."""
        added = SketchSum.of(projection[None])
        with self._lock:
            known = self._waiting.get(encoder_sha256)
            self._waiting[encoder_sha256] = known.plus(added) if known else added
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


def _sum_of(row: Row) -> SketchSum:
    return SketchSum(row.n, np.frombuffer(bytes(row.total), _DTYPE))


def _bytes(total: NDArray[np.float64]) -> bytes:
    return np.ascontiguousarray(total, _DTYPE).tobytes()

"""How many searches run at once: one per core."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions

WAIT_S = 5.0
SLOTS = os.cpu_count() or 1  # more at once would only slow each other down
_slots = threading.BoundedSemaphore(SLOTS)


class BusyError(exceptions.APIException):
    status_code = 503
    default_detail = _("Too many searches at once. Try again in a moment.")
    default_code = "busy"
    wait = 1


@contextmanager
def slot() -> Iterator[None]:
    """Hold a core for the block. Raises BusyError if none becomes free in time."""
    if not _slots.acquire(timeout=WAIT_S):
        raise BusyError
    try:
        yield
    finally:
        _slots.release()

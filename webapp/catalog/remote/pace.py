"""When the next request to a host may be sent."""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic, sleep


class Pace:
    """Spaces the requests of several threads to one host, and stops them all if it asks to be left alone."""

    def __init__(
        self,
        per_s: float,
        *,
        clock: Callable[[], float] = monotonic,
        wait: Callable[[float], None] = sleep,
    ) -> None:
        self._gap, self._clock, self._wait = 1.0 / per_s, clock, wait
        self._lock = threading.Lock()
        self._next = clock()
        self.pause_s: float | None = None  # how long the host asked for; None if it did not

    def turn(self) -> bool:
        """Wait for this thread's turn. Return False if no more requests may be sent."""
        with self._lock:
            now = self._clock()
            at = max(self._next, now)
            self._next = at + self._gap
        if self.pause_s is None and at > now:
            self._wait(at - now)
        return self.pause_s is None

    def stop(self, seconds: float) -> None:
        """Send no more requests; the host is due again in so many seconds."""
        with self._lock:
            self.pause_s = max(seconds, self.pause_s or 0.0)

"""What one address may cost: processor time beyond that of ordinary searches, over REST and WebSocket together.

An ordinary search is free here; rates count those. What a request takes above it is charged when it is answered,
whether with results or with a refusal, and an address that owes waits until its share has paid.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic, thread_time

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

FREE_MS = 20.0  # an ordinary search takes some 10 ms, over REST
MS_PER_S = 200.0  # a fifth of a core
BURST_MS = 1_000.0
MOST_MS = 400.0  # charged for one request, which may be the one that loads a new release
_FORGET_EVERY = 1_000  # charges


class WorkBudget:
    """The milliseconds that each address has left; below zero it owes."""

    def __init__(self, *, ms_per_s: float, burst_ms: float, clock: Callable[[], float] = monotonic) -> None:
        self._ms_per_s, self._burst_ms, self._clock = ms_per_s, burst_ms, clock
        self._left: dict[str, tuple[float, float]] = {}  # milliseconds, at which time
        self._charges = 0
        self._lock = threading.Lock()

    def wait_s(self, address: str) -> float:
        """Seconds until the address owes nothing; 0 where it may go on."""
        with self._lock:
            return max(0.0, -self._left_now(address) / self._ms_per_s)

    def charge(self, address: str, cost_ms: float) -> None:
        with self._lock:
            self._left[address] = self._left_now(address) - min(cost_ms, MOST_MS), self._clock()
            self._charges += 1
            if self._charges % _FORGET_EVERY == 0:
                full = [one for one in self._left if self._left_now(one) >= self._burst_ms]
                for one in full:
                    del self._left[one]

    def forget(self) -> None:
        """Takes everybody for new."""
        with self._lock:
            self._left.clear()

    @contextmanager
    def charged(self, address: str, free_ms: float = FREE_MS) -> Iterator[None]:
        """Charges what the block takes of this thread's processor time beyond `free_ms`."""
        started = thread_time()
        try:
            yield
        finally:
            cost_ms = (thread_time() - started) * 1e3 - free_ms
            if cost_ms > 0:
                self.charge(address, cost_ms)

    def _left_now(self, address: str) -> float:
        left, at = self._left.get(address, (self._burst_ms, 0.0))
        return min(self._burst_ms, left + (self._clock() - at) * self._ms_per_s)


work = WorkBudget(ms_per_s=MS_PER_S, burst_ms=BURST_MS)


class WorkThrottle(BaseThrottle):
    """Refuses an address that owes."""

    def allow_request(self, request: Request, view: APIView) -> bool:
        self._wait_s = work.wait_s(self.get_ident(request))
        return not self._wait_s

    def wait(self) -> float:
        return self._wait_s


class ChargedAPIView(APIView):
    """A view whose requests are charged to their address."""

    throttle_classes = [*APIView.throttle_classes, WorkThrottle]

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        address = WorkThrottle().get_ident(request)  # type: ignore[arg-type]  # it reads META alone
        with work.charged(address):
            return super().dispatch(request, *args, **kwargs)

"""The budget of each address: processor time for requests that are larger or slower than an ordinary search, over REST
and WebSocket together.

Ordinary searches cost nothing here, nor do small requests to the rest of the API; rates limit those. Other requests are
charged once answered, whether with results or with an error, and an address over its budget has to wait until it has
recovered. Reading a WebSocket's messages is charged as well, because most of them may never be answered.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import ceil
from time import monotonic, thread_time
from typing import NoReturn

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from webapp.http.client_address import client_address, limited_address
from webapp.http.problems import is_api, problem_response

ORDINARY_BYTES = 30_000  # of a request; the largest of 87,000 drawings takes 20,000 as JSON
# Of an ordinary request; without the encoder and the search it takes 2 to 5 ms on a fast machine.
FREE_MS = 12.0
MS_PER_S = 100.0  # a tenth of a core
BURST_MS = 600.0
READ_MS_PER_MB = 10.0  # for receiving a WebSocket message, which happens before its parsing can be timed
IGNORED_MS = (
    20.0  # for each request that a rate has refused, so that clients that continue exceed their budget
)
MAX_CHARGE_MS = 200.0  # for one request, which may be the one that loads a new release
_FORGET_EVERY = 1_000  # charges


class WorkBudget:
    """The milliseconds that each address has left; below zero it is over its budget."""

    def __init__(self, *, ms_per_s: float, burst_ms: float, clock: Callable[[], float] = monotonic) -> None:
        self._ms_per_s, self._burst_ms, self._clock = ms_per_s, burst_ms, clock
        self._left: dict[str, tuple[float, float]] = {}  # milliseconds, and when
        self._charges = 0
        self._lock = threading.Lock()

    def wait_s(self, address: str) -> float:
        """Return the seconds until the address is within its budget again; 0 if it is."""
        with self._lock:
            return max(0.0, -self._left_now(address) / self._ms_per_s)

    def charge(self, address: str, cost_ms: float) -> None:
        with self._lock:
            self._left[address] = self._left_now(address) - min(cost_ms, MAX_CHARGE_MS), self._clock()
            self._charges += 1
            if self._charges % _FORGET_EVERY == 0:
                full = [one for one in self._left if self._left_now(one) >= self._burst_ms]
                for one in full:
                    del self._left[one]

    def reset(self) -> None:
        """Restore every address's full budget."""
        with self._lock:
            self._left.clear()

    @contextmanager
    def charged(self, address: str, *, is_small: bool, min_ms: float = 0.0) -> Iterator[None]:
        """Charge the thread's processor time in the block for a request, without the time spent in `uncharged`."""
        started, _excluded.seconds, _excluded.whole = thread_time(), 0.0, False
        try:
            yield
        finally:
            free_ms = FREE_MS if is_small else 0.0
            cost_ms = max(min_ms, (thread_time() - started - _excluded.seconds) * 1e3 - free_ms)
            if cost_ms > 0 and not _excluded.whole:
                self.charge(address, cost_ms)

    def _left_now(self, address: str) -> float:
        left, at = self._left.get(address, (self._burst_ms, 0.0))
        return min(self._burst_ms, left + (self._clock() - at) * self._ms_per_s)


class _Excluded(threading.local):
    seconds = 0.0
    whole = False


_excluded = _Excluded()


@contextmanager
def uncharged() -> Iterator[None]:
    """Exclude the block from `WorkBudget.charged`: work that costs every request alike, or that the thread does for
    other requests too.
    """
    started = thread_time()
    try:
        yield
    finally:
        _excluded.seconds += thread_time() - started


def charge_waive() -> None:
    """Exclude the whole of this thread's request from `WorkBudget.charged`: its sender has a rate of its own."""
    _excluded.whole = True


work = WorkBudget(ms_per_s=MS_PER_S, burst_ms=BURST_MS)


def is_small(declared: str, transfer_encoding: str) -> bool:
    """Return whether a request with these headers has no larger a body than an ordinary search."""
    if transfer_encoding:
        return False
    return not declared or (declared.isdigit() and int(declared) <= ORDINARY_BYTES)


def _is_small(request: HttpRequest) -> bool:
    return is_small(
        request.META.get("CONTENT_LENGTH") or "", request.META.get("HTTP_TRANSFER_ENCODING") or ""
    )


class LargeBodiesMiddleware:
    """Charges anonymous users for large bodies to API views that do not charge by themselves."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not is_api(request) or _is_small(request) or request.user.is_authenticated:
            return self.get_response(request)
        address = limited_address(client_address(request))
        has_token = request.headers.get("Authorization", "").lower().startswith("bearer ")
        # A false token is refused before the body is read.
        if not has_token and (wait_s := work.wait_s(address)):
            refusal = problem_response(
                429, f"Request was throttled. Expected available in {ceil(wait_s)} seconds."
            )
            refusal["Retry-After"] = str(ceil(wait_s))
            return refusal
        started = thread_time()
        response = self.get_response(request)
        view = getattr(request.resolver_match and request.resolver_match.func, "cls", None)
        charges_itself = isinstance(view, type) and issubclass(view, ChargedAPIView)
        if not charges_itself and not request.user.is_authenticated:  # an API token may have signed in by now
            work.charge(address, (thread_time() - started) * 1e3)
        return response


class WorkThrottle(BaseThrottle):
    """Refuses an address that is over its budget."""

    def allow_request(self, request: Request, view: APIView) -> bool:
        if getattr(request.auth, "has_own_rate", False):
            return True
        self._wait_s = work.wait_s(limited_address(client_address(request)))
        return not self._wait_s

    def wait(self) -> float:
        return self._wait_s


class ChargedAPIView(APIView):
    """A view whose requests are charged to their address."""

    throttle_classes = [*APIView.throttle_classes, WorkThrottle]
    min_ms = 0.0  # charged for each request

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        address = limited_address(client_address(request))
        with work.charged(address, is_small=_is_small(request), min_ms=self.min_ms):
            return super().dispatch(request, *args, **kwargs)

    def throttled(self, request: Request, wait: float) -> NoReturn:
        work.charge(limited_address(client_address(request)), IGNORED_MS)
        super().throttled(request, wait)

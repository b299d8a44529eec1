"""Rate limits of the API, by address or user."""

from __future__ import annotations

from time import time
from typing import TYPE_CHECKING

from rest_framework.request import Request
from rest_framework.throttling import ScopedRateThrottle, SimpleRateThrottle

from webapp.http.client_address import client_address, limited_address
from webapp.stores.cache import counter_increment

if TYPE_CHECKING:  # the framework imports this module while it builds its views
    from rest_framework.views import APIView


class WindowThrottle(SimpleRateThrottle):
    """Counts requests per calendar minute (or whatever the rate's period is), in one round trip to the cache.

    Anonymous users are counted by `client_address`. DRF's own throttle stores the times of all requests of the last
    minute, and reads and writes them with each request.
    """

    num_requests: int
    duration: int  # seconds

    def allow_request(self, request: Request, view: APIView) -> bool:
        key = None if self.rate is None else self.get_cache_key(request, view)
        if key is None or getattr(request.auth, "has_own_rate", False):
            return True
        window, since = divmod(time(), self.duration)
        self._wait_s = self.duration - since
        return counter_increment(f"{key}_{window:.0f}", 2 * self.duration) <= self.num_requests

    def get_ident(self, request: Request) -> str:
        return limited_address(client_address(request))

    def wait(self) -> float:
        return float(self._wait_s)


class ScopedThrottle(WindowThrottle, ScopedRateThrottle):
    """The rate in DEFAULT_THROTTLE_RATES for a view's `throttle_scope`; unlimited for views without a scope."""

    def allow_request(self, request: Request, view: APIView) -> bool:
        self.scope = getattr(view, self.scope_attr, None)
        if not self.scope:
            return True
        self.rate = self.get_rate()
        self.num_requests, self.duration = self.parse_rate(self.rate)  # type: ignore[assignment]  # the rate is set
        return super().allow_request(request, view)


class ApiThrottle(WindowThrottle):
    """`API_RATE`, per signed-in user, else per address."""

    scope = "api"

    def get_cache_key(self, request: Request, view: APIView) -> str:
        ident = request.user.pk if request.user and request.user.is_authenticated else self.get_ident(request)
        return self.cache_format % {"scope": self.scope, "ident": ident}

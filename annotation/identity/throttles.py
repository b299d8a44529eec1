"""Rate limits per worker rather than per address, since a whole class may share one address."""

from __future__ import annotations

from time import time

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from annotation.identity.tokens import signed_worker
from webapp.http.api.throttles import ApiThrottle
from webapp.stores.cache import counter_increment

_WINDOW_S = 60


class WorkerThrottle(BaseThrottle):
    """Allow `SKETCHFIND_WORKER_RATE` requests per minute and worker; without a token, limit by address."""

    def allow_request(self, request: Request, view: APIView) -> bool:
        found = signed_worker(request)
        if found is None:
            self._other = ApiThrottle()
            return self._other.allow_request(request, view)
        self._other = None  # type: ignore[assignment]
        key = f"annotation-worker-{found[0]}-{int(time()) // _WINDOW_S}"
        return counter_increment(key, 2 * _WINDOW_S) <= settings.WORKER_REQUESTS_PER_MIN

    def wait(self) -> float | None:
        return self._other.wait() if self._other else _WINDOW_S - time() % _WINDOW_S

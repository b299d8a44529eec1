"""What every endpoint of the API shares: error answers, a bounded JSON parser, the rate limits."""

from __future__ import annotations

from collections.abc import Mapping
from time import time
from typing import IO, TYPE_CHECKING, Any

import structlog
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError, connections
from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.parsers import BaseParser, DataAndFiles, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle, SimpleRateThrottle

from webapp.cache import times_counted
from webapp.client_address import client_address, limited_address
from webapp.full_disk import disk_is_full
from webapp.input.forms import form_check
from webapp.input.parsing import json_parsed
from webapp.problems import CONTENT_TYPE, StorageFullError, StoreAwayError, problem_of

log = structlog.get_logger(__name__)

if TYPE_CHECKING:  # the framework imports this module while it builds its views
    from rest_framework.views import APIView


class PayloadTooLarge(exceptions.APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"


def problem_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: a problem+json answer, or None (a server error): not the sender's fault."""
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    elif disk_is_full(error):
        log.warning("disk_full", error=str(error))
        error = StorageFullError()
    elif isinstance(error, InterfaceError | OperationalError):
        log.warning("database_unreachable", error=str(error))
        error = StoreAwayError()
    body = problem_of(error)
    if body is None:
        return None
    for connection in connections.all(initialized_only=True):
        if connection.settings_dict["ATOMIC_REQUESTS"] and connection.in_atomic_block:
            connection.set_rollback(True)
    headers: dict[str, str] = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(max(1, int(wait)))
    response = Response(body, status=body["status"], headers=headers)
    response.content_type = CONTENT_TYPE
    return response


class BoundedJSONParser(BaseParser):
    """JSON of at most `JSON_MAX_BYTES`, or of the view's own `json_max_bytes`.

    Within the bounds of `webapp.input.parsing`.
    """

    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        view = (parser_context or {}).get("view")
        most = min(settings.JSON_MAX_BYTES, getattr(view, "json_max_bytes", settings.JSON_MAX_BYTES))
        data = stream.read(most + 1)
        if len(data) > most:
            raise PayloadTooLarge(f"body: more than {most} bytes")
        return json_parsed(data)


class BoundedMultiPartParser(MultiPartParser):
    """Forms with files, whose field names, values and file names can be stored."""

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> DataAndFiles[Any, Any]:
        parsed = super().parse(stream, media_type, parser_context)
        form_check(parsed.data, parsed.files)
        return parsed


class WindowThrottle(SimpleRateThrottle):
    """Counts requests by the clock's minute (or whatever the rate's period is), in one round trip to the cache.

    Whoever is not signed in is counted by `client_address`. DRF's own throttle keeps the times of all requests of the
    last minute, and reads and writes them with each.
    """

    num_requests: int
    duration: int  # seconds

    def allow_request(self, request: Request, view: APIView) -> bool:
        key = None if self.rate is None else self.get_cache_key(request, view)
        if key is None:
            return True
        window, since = divmod(time(), self.duration)
        self._wait_s = self.duration - since
        return times_counted(f"{key}_{window:.0f}", 2 * self.duration) <= self.num_requests

    def get_ident(self, request: Request) -> str:
        return limited_address(client_address(request))

    def wait(self) -> float:
        return float(self._wait_s)


class ScopedThrottle(WindowThrottle, ScopedRateThrottle):
    """The rate that DEFAULT_THROTTLE_RATES gives the `throttle_scope` of a view; none where it has no such scope."""

    def allow_request(self, request: Request, view: APIView) -> bool:
        self.scope = getattr(view, self.scope_attr, None)
        if not self.scope:
            return True
        self.rate = self.get_rate()
        self.num_requests, self.duration = self.parse_rate(self.rate)  # type: ignore[assignment]  # the rate is given
        return super().allow_request(request, view)


class ApiThrottle(WindowThrottle):
    """`API_RATE`, by user where one is signed in, else by address."""

    scope = "api"

    def get_cache_key(self, request: Request, view: APIView) -> str:
        ident = request.user.pk if request.user and request.user.is_authenticated else self.get_ident(request)
        return self.cache_format % {"scope": self.scope, "ident": ident}

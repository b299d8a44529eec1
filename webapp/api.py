"""What every endpoint of the API shares: error answers, a bounded JSON parser, the rate limits."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import IO, TYPE_CHECKING, Any

import structlog
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError, connections
from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle, SimpleRateThrottle

from webapp.client_address import client_address, limited_address
from webapp.problems import CONTENT_TYPE, StoreAwayError, problem_of

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
    """JSON of at most `JSON_MAX_BYTES`; NaN and Infinity, which are no JSON, are refused.

    DRF's own parser reads a body of any size, and answers a thousand nested brackets with a server error.
    """

    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        most = settings.JSON_MAX_BYTES
        data = stream.read(most + 1)
        if len(data) > most:
            raise PayloadTooLarge(f"body: more than {most} bytes")
        try:
            return json.loads(data.decode(), parse_constant=_no_constant)
        except RecursionError as error:
            raise exceptions.ParseError("body: JSON nested too deeply") from error
        except ValueError as error:
            raise exceptions.ParseError(f"body: not JSON: {error}") from error


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number of JSON")


class ByAddress(SimpleRateThrottle):
    """Counts whoever is not signed in by `client_address`."""

    def get_ident(self, request: Request) -> str:
        return limited_address(client_address(request))


class ApiThrottle(ByAddress):
    """`API_RATE`, by user where one is signed in, else by address."""

    scope = "api"

    def get_cache_key(self, request: Request, view: APIView) -> str:
        ident = request.user.pk if request.user and request.user.is_authenticated else self.get_ident(request)
        return self.cache_format % {"scope": self.scope, "ident": ident}


class ScopeThrottle(ByAddress, ScopedRateThrottle):
    """The rate of a view's `throttle_scope`."""

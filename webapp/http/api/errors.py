"""Error answers of the API: from the exceptions of views."""

from __future__ import annotations

from typing import Any

import structlog
from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError, connections
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response

from webapp.http.problems import CONTENT_TYPE, DatabaseUnavailableError, StorageFullError, problem_of
from webapp.stores.full_disk import disk_is_full

log = structlog.get_logger(__name__)


def problem_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: return a problem+json answer, or None for a server error."""
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    elif disk_is_full(error):
        log.warning("disk_full", error=str(error))
        error = StorageFullError()
    elif isinstance(error, InterfaceError | OperationalError):
        log.warning("database_unreachable", error=str(error))
        error = DatabaseUnavailableError()
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

"""One id from the browser's request through web and worker to the log of a run, so that one search finds all of it.

A browser generates it (frontend/src/shared/api/requestId.ts) and sends it as X-Request-ID; a request without a
well-formed id gets one here. django-structlog binds it to every log line and passes it to Celery jobs.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

import structlog
from asgiref.typing import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, Scope
from django.http import HttpRequest, HttpResponse

HEADER = "X-Request-ID"
_META = "HTTP_X_REQUEST_ID"
_WELL_FORMED = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{7,63}")


def request_id_of(given: str) -> str:
    """Return the id that was sent if it is well formed, else a new one."""
    return given if _WELL_FORMED.fullmatch(given) else uuid.uuid4().hex


def request_id() -> str:
    """Return the id of the request that this thread, task or job works for; empty if there is none."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))


class RequestIdMiddleware:
    """Comes before django-structlog's, which does not validate the header. Every answer carries the id."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        found = request.META[_META] = request_id_of(request.META.get(_META, ""))
        response = self.get_response(request)
        response.headers[HEADER] = found
        return response


class SocketRequestId:
    """The same for a WebSocket: one id while it is open, because browsers cannot send this header with one."""

    def __init__(self, app: ASGI3Application) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        assert scope["type"] == "websocket"
        given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
        with structlog.contextvars.bound_contextvars(request_id=request_id_of(given.decode("latin1"))):
            await self.app(scope, receive, send)

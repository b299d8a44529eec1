"""Limits on request bodies: Django writes a body of any size to disk, and waits for its end, before calling a view."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from asgiref.typing import (
    ASGI3Application,
    ASGIReceiveCallable,
    ASGIReceiveEvent,
    ASGISendCallable,
    HTTPScope,
    Scope,
)
from channels.db import database_sync_to_async
from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest

from webapp.http.problems import CONTENT_TYPE, problem, problem_send

UPLOADS = ("/api/v1/catalog/imports/", "/admin/catalog/catalogimport/", "/api/v1/study-sets/")
MAX_UPLOADS = 4  # large ones at the same time per process
IsOperators = Callable[[HttpRequest], bool]  # whether an operator sent a request, before any middleware
_FORM_OVERHEAD_BYTES = 100_000  # boundaries and other fields around a file


def body_limit_bytes(path: str, *, by_operator: bool = False) -> int:
    """Return the maximum size of a request to `path`."""
    if by_operator and path.startswith(UPLOADS):
        return 2 * int(settings.FEED_MAX_BYTES) + _FORM_OVERHEAD_BYTES  # a feed and its pictures
    return max(int(settings.IMAGE_MAX_BYTES), int(settings.JSON_MAX_BYTES)) + _FORM_OVERHEAD_BYTES


class WsgiBodyLimit:
    """The same for WSGI. Only the declared length matters, since Django reads a body without one as empty."""

    def __init__(self, app: WSGIApplication, is_operators: IsOperators) -> None:
        self.app = app
        self._is_operators = is_operators

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path, declared = environ.get("PATH_INFO", ""), environ.get("CONTENT_LENGTH", "")
        max_bytes = body_limit_bytes(path)
        if path.startswith(UPLOADS) and declared.isdigit() and int(declared) > max_bytes:
            max_bytes = body_limit_bytes(path, by_operator=self._is_operators(WSGIRequest(environ)))
        if declared.isdigit() and int(declared) > max_bytes:
            body = json.dumps(problem(413, _too_large(max_bytes, path))).encode()
            headers = [("Content-Type", CONTENT_TYPE), ("Content-Length", str(len(body)))]
            start_response("413 Request Entity Too Large", headers)
            return [body]
        return self.app(environ, start_response)


class BodyLimit:
    """Answers 413 to a body whose declared length is too large; cuts off a body that turns out to be."""

    def __init__(self, app: ASGI3Application, is_operators: IsOperators) -> None:
        self.app = app
        self._is_operators = is_operators
        self._uploads = 0

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        assert scope["type"] == "http"
        max_bytes = body_limit_bytes(scope["path"])
        if scope["path"].startswith(UPLOADS) and await self._operator_uploads(scope, max_bytes):
            if self._uploads >= MAX_UPLOADS:
                await problem_send(send, 503, f"{MAX_UPLOADS} uploads are in progress; try again in a minute")
                return
            self._uploads += 1
            try:
                max_bytes = body_limit_bytes(scope["path"], by_operator=True)
                await self._bounded(scope, receive, send, max_bytes)
            finally:
                self._uploads -= 1
        else:
            await self._bounded(scope, receive, send, max_bytes)

    async def _operator_uploads(self, scope: HTTPScope, max_bytes: int) -> bool:
        """Return whether an operator sends more than `max_bytes`, or an undeclared number. Reads none of them."""
        names = {name for name, _ in scope["headers"]}
        if b"transfer-encoding" not in names and _declared_bytes(scope) <= max_bytes:
            return False
        if not names & {b"cookie", b"authorization"}:
            return False
        request = ASGIRequest(dict(scope), io.BytesIO())
        return bool(await database_sync_to_async(self._is_operators)(request))

    async def _bounded(
        self, scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable, max_bytes: int
    ) -> None:
        if _declared_bytes(scope) > max_bytes:
            await problem_send(send, 413, _too_large(max_bytes, scope["path"]))
            return
        received = 0

        async def bounded() -> ASGIReceiveEvent:
            nonlocal received
            event = await receive()
            if event["type"] == "http.request":
                received += len(event["body"])
                if received > max_bytes:  # sent in chunks, with no length declared
                    return {"type": "http.disconnect"}
            return event

        await self.app(scope, bounded, send)


def _declared_bytes(scope: HTTPScope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0


def _too_large(max_bytes: int, path: str) -> str:
    hint = "; only signed-in operators may send more" if path.startswith(UPLOADS) else ""
    return f"body: more than {max_bytes} bytes{hint}"

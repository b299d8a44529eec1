"""Bounds on request bodies: Django writes one of any size to disk, and waits for its end, before a view sees it."""

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

UPLOADS = ("/api/v1/catalog/imports/", "/admin/catalog/catalogimport/")
MOST_UPLOADS = 4  # large ones at the same time in one process
IsOperators = Callable[
    [HttpRequest], bool
]  # whether an operator sent a request, before any middleware saw it
_FORM_OVERHEAD_BYTES = 100_000  # boundaries and further fields around a file


def body_limit_bytes(path: str, *, by_operator: bool = False) -> int:
    """The most that a request to `path` may carry."""
    if by_operator and path.startswith(UPLOADS):
        return 2 * int(settings.FEED_MAX_BYTES) + _FORM_OVERHEAD_BYTES  # a feed and its pictures
    return max(int(settings.IMAGE_MAX_BYTES), int(settings.JSON_MAX_BYTES)) + _FORM_OVERHEAD_BYTES


class WsgiBodyLimit:
    """The same over WSGI: one that declares no length is read as empty by Django, so the declared one is all."""

    def __init__(self, app: WSGIApplication, is_operators: IsOperators) -> None:
        self.app = app
        self._is_operators = is_operators

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path, declared = environ.get("PATH_INFO", ""), environ.get("CONTENT_LENGTH", "")
        most = body_limit_bytes(path)
        if path.startswith(UPLOADS) and declared.isdigit() and int(declared) > most:
            most = body_limit_bytes(path, by_operator=self._is_operators(WSGIRequest(environ)))
        if declared.isdigit() and int(declared) > most:
            body = json.dumps(problem(413, _too_large(most, path))).encode()
            headers = [("Content-Type", CONTENT_TYPE), ("Content-Length", str(len(body)))]
            start_response("413 Request Entity Too Large", headers)
            return [body]
        return self.app(environ, start_response)


class BodyLimit:
    """Answers 413 to a body that says it is too large; cuts off one that turns out to be."""

    def __init__(self, app: ASGI3Application, is_operators: IsOperators) -> None:
        self.app = app
        self._is_operators = is_operators
        self._uploads = 0

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        assert scope["type"] == "http"
        most = body_limit_bytes(scope["path"])
        if scope["path"].startswith(UPLOADS) and await self._operator_uploads(scope, most):
            if self._uploads >= MOST_UPLOADS:
                await problem_send(
                    send, 503, f"{MOST_UPLOADS} uploads are on their way; try again in a minute"
                )
                return
            self._uploads += 1
            try:
                most = body_limit_bytes(scope["path"], by_operator=True)
                await self._bounded(scope, receive, send, most)
            finally:
                self._uploads -= 1
        else:
            await self._bounded(scope, receive, send, most)

    async def _operator_uploads(self, scope: HTTPScope, most: int) -> bool:
        """Whether an operator sends more than `most` bytes, or does not say how many. Reads none of them."""
        names = {name for name, _ in scope["headers"]}
        if b"transfer-encoding" not in names and _declared_bytes(scope) <= most:
            return False
        if not names & {b"cookie", b"authorization"}:
            return False
        request = ASGIRequest(dict(scope), io.BytesIO())
        return bool(await database_sync_to_async(self._is_operators)(request))

    async def _bounded(
        self, scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable, most: int
    ) -> None:
        if _declared_bytes(scope) > most:
            await problem_send(send, 413, _too_large(most, scope["path"]))
            return
        received = 0

        async def bounded() -> ASGIReceiveEvent:
            nonlocal received
            event = await receive()
            if event["type"] == "http.request":
                received += len(event["body"])
                if received > most:  # sent in chunks, with no length declared
                    return {"type": "http.disconnect"}
            return event

        await self.app(scope, bounded, send)


def _declared_bytes(scope: HTTPScope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0


def _too_large(most: int, path: str) -> str:
    hint = "; only signed-in operators may send more" if path.startswith(UPLOADS) else ""
    return f"body: more than {most} bytes{hint}"

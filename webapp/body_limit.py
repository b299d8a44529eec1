"""Bounds on request bodies: Django writes one of any size to disk, and waits for its end, before a view sees it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from asgiref.typing import (
    ASGI3Application,
    ASGIReceiveCallable,
    ASGIReceiveEvent,
    ASGISendCallable,
    HTTPScope,
    Scope,
)
from django.conf import settings

from webapp.problems import CONTENT_TYPE, problem

UPLOADS = ("/api/v1/catalog/imports/", "/admin/catalog/catalogimport/")
_FORM_OVERHEAD_BYTES = 100_000  # boundaries and further fields around a file
# How long a body may take: so many seconds, and one more for each so many bytes that came.
PATIENCE_S = 60.0
LEAST_BYTES_PER_S = 10_000.0


def body_limit_bytes(path: str) -> int:
    """The most that a request to `path` may carry."""
    if path.startswith(UPLOADS):
        return 2 * int(settings.FEED_MAX_BYTES) + _FORM_OVERHEAD_BYTES  # a feed and its pictures
    return max(int(settings.IMAGE_MAX_BYTES), int(settings.JSON_MAX_BYTES)) + _FORM_OVERHEAD_BYTES


class WsgiBodyLimit:
    """The same over WSGI: one that declares no length is read as empty by Django, so the declared one is all."""

    def __init__(self, app: WSGIApplication) -> None:
        self.app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        most, declared = body_limit_bytes(environ.get("PATH_INFO", "")), environ.get("CONTENT_LENGTH", "")
        if declared.isdigit() and int(declared) > most:
            body = _problem(most)
            headers = [("Content-Type", CONTENT_TYPE), ("Content-Length", str(len(body)))]
            start_response("413 Request Entity Too Large", headers)
            return [body]
        return self.app(environ, start_response)


class BodyLimit:
    """Answers 413 to a body that says it is too large; cuts off one that turns out to be, or that trickles."""

    def __init__(self, app: ASGI3Application) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        assert scope["type"] == "http"
        most = body_limit_bytes(scope["path"])
        if _declared_bytes(scope) > most:
            await _refuse(send, most)
            return
        began, received, whole = asyncio.get_running_loop().time(), 0, False

        async def bounded() -> ASGIReceiveEvent:
            nonlocal received, whole
            # After the body's end the application waits for the client to leave, as long as that takes.
            latest = None if whole else began + PATIENCE_S + received / LEAST_BYTES_PER_S
            try:
                async with asyncio.timeout_at(latest):
                    event = await receive()
            except TimeoutError:
                return {"type": "http.disconnect"}
            if event["type"] == "http.request":
                received += len(event["body"])
                whole = not event["more_body"]
                if received > most:  # sent in chunks, with no length declared
                    return {"type": "http.disconnect"}
            return event

        await self.app(scope, bounded, send)


def _declared_bytes(scope: HTTPScope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0


async def _refuse(send: ASGISendCallable, most: int) -> None:
    body = _problem(most)
    headers = [(b"content-type", CONTENT_TYPE.encode()), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 413, "headers": headers, "trailers": False})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def _problem(most: int) -> bytes:
    return json.dumps(problem(413, f"body: more than {most} bytes")).encode()

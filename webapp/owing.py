"""Refuses the searches of an address that owes before their bodies are read, which is most of what refusing costs.

The refusal takes its time: a client that asks again at once would else keep the process busy with refusals.
"""

from __future__ import annotations

import asyncio
import json
from math import ceil

from asgiref.typing import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, Scope

from webapp.client_address import limited_address, socket_address
from webapp.problems import CONTENT_TYPE, problem
from webapp.search.budget import work

_PATHS = ("/api/v1/search", "/api/v1/shares/")
_PAUSE_S = 1.0


class Owing:
    """Under uvicorn, where Django reads the whole body before a view's throttles are asked."""

    def __init__(self, app: ASGI3Application) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        assert scope["type"] == "http"
        if scope["method"] == "POST" and scope["path"].startswith(_PATHS):
            address = limited_address(socket_address(dict(scope)))
            if wait_s := work.wait_s(address):
                await asyncio.sleep(min(wait_s, _PAUSE_S))
                await _refuse(send, ceil(wait_s))
                return
        await self.app(scope, receive, send)


async def _refuse(send: ASGISendCallable, wait_s: int) -> None:
    body = json.dumps(
        problem(429, f"Request was throttled. Expected available in {wait_s} seconds.")
    ).encode()
    headers = [
        (b"content-type", CONTENT_TYPE.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"retry-after", str(wait_s).encode()),
    ]
    await send({"type": "http.response.start", "status": 429, "headers": headers, "trailers": False})
    await send({"type": "http.response.body", "body": body, "more_body": False})

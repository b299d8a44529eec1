"""A bound on the time that a request's body may take: one that trickles holds a connection and a file for hours."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

from asgiref.typing import (
    ASGI3Application,
    ASGIReceiveCallable,
    ASGIReceiveEvent,
    ASGISendCallable,
    ASGISendEvent,
    HTTPDisconnectEvent,
    Scope,
)

from webapp.http.problems import problem_send


class Pace(NamedTuple):
    """How slowly a body may come: at `bytes_per_s`, and `grace_s` seconds behind that."""

    grace_s: float
    bytes_per_s: float


# A small body may come at a fifth of what the slowest mobile networks carry; a large one at twice that.
PACES = (Pace(20.0, 1_000.0), Pace(60.0, 10_000.0))


class SlowBodies:
    """Answers 408 where a body falls behind one of `paces`, and closes the connection."""

    def __init__(self, app: ASGI3Application, *, paces: Sequence[Pace] = PACES) -> None:
        self.app = app
        self.paces = paces

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        began, received = asyncio.get_running_loop().time(), 0
        awaits_body, answered = True, False

        async def timed() -> ASGIReceiveEvent:
            nonlocal awaits_body, answered, received
            if not awaits_body:  # what comes next is the client's leaving, which may be any time
                return await receive()
            allowed_s = min(pace.grace_s + received / pace.bytes_per_s for pace in self.paces)
            try:
                async with asyncio.timeout_at(began + allowed_s):
                    event = await receive()
            except TimeoutError:
                awaits_body = False
                if not answered:
                    answered = True
                    await problem_send(send, 408, "body: it arrives too slowly", {"Connection": "close"})
                return HTTPDisconnectEvent(type="http.disconnect")
            if event["type"] == "http.request":
                received += len(event["body"])
                awaits_body = event["more_body"]
            return event

        async def noted(event: ASGISendEvent) -> None:
            nonlocal answered
            answered = True
            await send(event)

        await self.app(scope, timed, noted)

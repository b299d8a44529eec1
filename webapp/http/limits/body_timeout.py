"""A limit on the time that a request's body may take: a trickle would hold a connection and a file for hours."""

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
    """How slowly a body may arrive: at `bytes_per_s`, plus `grace_s` seconds."""

    grace_s: float
    bytes_per_s: float


# A small body may arrive at a fifth of the speed of the slowest mobile networks, a large one at twice their speed.
PACES = (Pace(20.0, 1_000.0), Pace(60.0, 10_000.0))


class BodyTimeout:
    """Answers 408 and closes the connection if a body falls behind one of `paces`."""

    def __init__(self, app: ASGI3Application, *, paces: Sequence[Pace] = PACES) -> None:
        self.app = app
        self.paces = paces

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        started, received = asyncio.get_running_loop().time(), 0
        awaits_body, answered = True, False

        async def timed() -> ASGIReceiveEvent:
            nonlocal awaits_body, answered, received
            if not awaits_body:  # the next event is the client's disconnect, which may come at any time
                return await receive()
            allowed_s = min(pace.grace_s + received / pace.bytes_per_s for pace in self.paces)
            try:
                async with asyncio.timeout_at(started + allowed_s):
                    event = await receive()
            except TimeoutError:
                awaits_body = False
                if not answered:
                    answered = True
                    await problem_send(send, 408, "body: arrives too slowly", {"Connection": "close"})
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

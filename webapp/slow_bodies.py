"""A bound on the time that a request's body may take: one that trickles holds a connection and a file for hours."""

from __future__ import annotations

import asyncio

from asgiref.typing import (
    ASGI3Application,
    ASGIReceiveCallable,
    ASGIReceiveEvent,
    ASGISendCallable,
    ASGISendEvent,
    HTTPDisconnectEvent,
    Scope,
)

from webapp.problems import problem_send

GRACE_S = 20.0
MIN_BYTES_PER_S = 1000.0  # a fifth of what the slowest mobile networks carry


class SlowBodies:
    """Answers 408 where a body falls behind `min_bytes_per_s` by `grace_s` and closes the connection."""

    def __init__(
        self, app: ASGI3Application, *, grace_s: float = GRACE_S, min_bytes_per_s: float = MIN_BYTES_PER_S
    ) -> None:
        self.app = app
        self.grace_s = grace_s
        self.min_bytes_per_s = min_bytes_per_s

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        deadline = asyncio.get_running_loop().time() + self.grace_s
        awaits_body, answered = True, False

        async def timed() -> ASGIReceiveEvent:
            nonlocal awaits_body, answered, deadline
            if not awaits_body:  # what comes next is the client's leaving, which may be any time
                return await receive()
            try:
                async with asyncio.timeout_at(deadline):
                    event = await receive()
            except TimeoutError:
                awaits_body = False
                if not answered:
                    answered = True
                    await problem_send(send, 408, "body: it arrives too slowly", {"Connection": "close"})
                return HTTPDisconnectEvent(type="http.disconnect")
            if event["type"] == "http.request":
                deadline += len(event["body"]) / self.min_bytes_per_s
                awaits_body = event["more_body"]
            return event

        async def noted(event: ASGISendEvent) -> None:
            nonlocal answered
            answered = True
            await send(event)

        await self.app(scope, timed, noted)

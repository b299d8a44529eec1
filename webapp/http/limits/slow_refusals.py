"""Answers 429 after a pause, so that a client that does not wait as it is told goes no faster for being refused.

The pause costs a socket and no thread.
"""

from __future__ import annotations

import asyncio

from asgiref.typing import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, ASGISendEvent, Scope

PAUSE_S = 1.0


class SlowRefusals:
    """Around an HTTP application."""

    def __init__(self, app: ASGI3Application) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        async def sent(event: ASGISendEvent) -> None:
            if event["type"] == "http.response.start" and event["status"] == 429:
                await asyncio.sleep(PAUSE_S)
            await send(event)

        await self.app(scope, receive, sent)

"""Delays answers with status 429, so that a client that ignores Retry-After gains nothing by being refused.

The delay occupies a socket but no thread.
"""

from __future__ import annotations

import asyncio

from asgiref.typing import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, ASGISendEvent, Scope

DELAY_S = 1.0


class RefusalDelay:
    """Wraps an HTTP application."""

    def __init__(self, app: ASGI3Application) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        async def sent(event: ASGISendEvent) -> None:
            if event["type"] == "http.response.start" and event["status"] == 429:
                await asyncio.sleep(DELAY_S)
            await send(event)

        await self.app(scope, receive, sent)

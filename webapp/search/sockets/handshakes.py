"""A rate limit on opening WebSockets, per address.

Connections are refused before the session is read, and after a delay, so that a client that retries at once gains
nothing.
"""

from __future__ import annotations

import asyncio

from asgiref.typing import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, Scope
from django.conf import settings

from webapp.http.client_address import limited_address, socket_address
from webapp.search.sockets.limits import AddressRate, TokenBucket

PER_S, BURST = 5.0, 30
_DELAY_S = 1.0


def _bucket() -> TokenBucket:
    """Return a bucket that allows as many at once as may be open: after a restart, all pages of an office reconnect."""
    return TokenBucket(per_s=PER_S, burst=max(BURST, settings.LIVE_SOCKETS_PER_ADDRESS))


handshakes = AddressRate(_bucket)


class HandshakeRate:
    """Wraps a WebSocket application."""

    def __init__(self, app: ASGI3Application) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        assert scope["type"] == "websocket"
        if handshakes.take(limited_address(socket_address(dict(scope)))):
            await asyncio.sleep(_DELAY_S)
            await receive()
            await send({"type": "websocket.close", "code": 1000, "reason": None})  # answers 403
            return
        await self.app(scope, receive, send)

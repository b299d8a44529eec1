"""A WebSocket client for an ASGI application. (channels' own imports daphne, which nothing else here needs.)"""

from __future__ import annotations

import json
from typing import Any

from asgiref.testing import ApplicationCommunicator

Header = tuple[bytes, bytes]


class Socket(ApplicationCommunicator):
    """One connection of a browser; `headers` as passed on by the server."""

    def __init__(self, application: Any, path: str, headers: list[Header], client: str = "192.0.2.1") -> None:
        scope = {
            "type": "websocket",
            "path": path,
            "query_string": b"",
            "headers": headers,
            "subprotocols": [],
            "client": [client, 50_000],
        }
        super().__init__(application, scope)  # type: ignore[no-untyped-call]

    async def connect(self) -> bool:
        """Return whether the server accepts."""
        await self.send_input({"type": "websocket.connect"})  # type: ignore[no-untyped-call]
        return bool((await self.receive_output(5))["type"] == "websocket.accept")  # type: ignore[no-untyped-call]

    async def send_text(self, text: str) -> None:
        await self.send_input({"type": "websocket.receive", "text": text})  # type: ignore[no-untyped-call]

    async def send_bytes(self, data: bytes) -> None:
        await self.send_input({"type": "websocket.receive", "bytes": data})  # type: ignore[no-untyped-call]

    async def receive(self, timeout_s: float = 10) -> dict[str, Any]:
        """Return the next message, decoded. Fails if the server closes instead."""
        output = await self.receive_output(timeout_s)  # type: ignore[no-untyped-call]
        assert output["type"] == "websocket.send", output
        message: dict[str, Any] = json.loads(output["text"])
        return message

    async def event(self, timeout_s: float) -> dict[str, Any]:
        """Return the server's next event, unchanged."""
        event: dict[str, Any] = await self.receive_output(timeout_s)  # type: ignore[no-untyped-call]
        return event

    async def says_nothing(self, for_s: float) -> bool:
        return bool(await self.receive_nothing(for_s))  # type: ignore[no-untyped-call]

    async def disconnect(self) -> None:
        await self.send_input({"type": "websocket.disconnect", "code": 1000})  # type: ignore[no-untyped-call]
        await self.wait(5)  # type: ignore[no-untyped-call]

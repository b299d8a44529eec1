"""Queries over the WebSocket of the live search."""

from __future__ import annotations

import json
from typing import Any

from tests.support.websocket import Socket

SKETCH = {"width": 100, "height": 100, "strokes": [[[20, 20], [80, 20], [80, 80], [20, 80], [20, 20]]]}


async def ask(socket: Socket, seq: int, **query: Any) -> None:
    """Send a query for `SKETCH`, with other fields or another sketch if given."""
    await socket.send_text(json.dumps({"type": "query", "seq": seq, "sketch": SKETCH, "k": 5, **query}))

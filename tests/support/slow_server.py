"""The demo's server with short limits over a small application: `python -m tests.support.slow_server PORT`.

POST returns the number of bytes of a body; GET /late waits longer than a head may take; /unread answers at once.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import django
import uvicorn

django.setup()

from tools.demo.server import HOST, BoundedProtocol  # noqa: E402
from webapp.http.limits.body_timeout import BodyTimeout, Pace  # noqa: E402

HEAD_S = 0.6
GRACE_S = 0.6
MIN_BYTES_PER_S = 100.0
MAX_UNFINISHED = 8


async def application(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.accept"})
        while (await receive())["type"] != "websocket.disconnect":
            await send({"type": "websocket.send", "text": "here"})
        return
    n_bytes, more = 0, scope["path"] != "/unread"
    while more:
        event = await receive()
        if event["type"] == "http.disconnect":
            print("left", flush=True)
            return
        n_bytes, more = n_bytes + len(event["body"]), event["more_body"]
    if scope["path"] == "/late":
        await asyncio.sleep(2 * HEAD_S)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
    await send({"type": "http.response.body", "body": b"%5d" % n_bytes})


if __name__ == "__main__":
    BoundedProtocol.head_s, BoundedProtocol.max_unfinished = HEAD_S, MAX_UNFINISHED
    bounded = BodyTimeout(application, paces=[Pace(GRACE_S, MIN_BYTES_PER_S)])
    uvicorn.run(bounded, host=HOST, port=int(sys.argv[1]), http=BoundedProtocol, lifespan="off")

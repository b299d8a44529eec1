"""The demo's web server, `python -m tools.demo.server PORT`: uvicorn that half-open connections cannot exhaust.

uvicorn itself waits for a request's head forever, so as many connections as the process may open files make the site
unavailable. In production the proxy limits this.
"""

from __future__ import annotations

import asyncio
import resource
import sys
from typing import Any, ClassVar

import uvicorn
from uvicorn.protocols.http.auto import AutoHTTPProtocol

HOST = "127.0.0.1"
HEAD_S = 10.0
MAX_UNFINISHED = 500


class BoundedProtocol(AutoHTTPProtocol):  # type: ignore[misc, valid-type]
    """Closes a connection whose request's head takes longer than `head_s`.

    If more than `max_unfinished` connections have no complete request, the one that has waited longest is closed, so a
    client that sends its request at once is served.
    """

    head_s: ClassVar[float] = HEAD_S
    max_unfinished: ClassVar[int] = MAX_UNFINISHED
    _unfinished: ClassVar[dict[BoundedProtocol, None]] = {}  # the longest waiting first

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(transport)
        self._watch(head=True)
        if len(self._unfinished) > self.max_unfinished:
            next(iter(self._unfinished))._close()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch(head=True)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._watch(head=False)  # uvicorn's own timer closes it if no other request follows

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._watch(head=False)

    def _watch(self, *, head: bool) -> None:
        """Track whether a request is unfinished. `head`: start the timer while its head is missing."""
        ours = self in self.connections and not self.transport.is_closing()  # not a WebSocket by now
        awaits_head = ours and (self.cycle is None or self.cycle.response_complete)
        if ours and (awaits_head or self.cycle.more_body):
            self._unfinished.setdefault(self)
        else:
            self._unfinished.pop(self, None)
        if not awaits_head and self._head_timer:
            self._head_timer.cancel()
            self._head_timer = None
        elif awaits_head and head and not self._head_timer:
            self._head_timer = self.loop.call_later(self.head_s, self._close)

    def _close(self) -> None:
        self._unfinished.pop(self, None)
        self.transport.close()


def raise_file_limit(wanted: int) -> int:
    """Raise this process's limit of open files to `wanted`, or as far as allowed. Return the limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return wanted if soft == resource.RLIM_INFINITY else soft


def main(port: int) -> None:
    """Serve until a signal ends it."""
    from webapp.settings import JSON_MAX_BYTES  # exits if a variable is invalid

    BoundedProtocol.max_unfinished = min(MAX_UNFINISHED, raise_file_limit(4 * MAX_UNFINISHED) // 4)
    uvicorn.run(
        "webapp.asgi:application",
        host=HOST,
        port=port,
        http=BoundedProtocol,
        lifespan="off",
        access_log=False,
        proxy_headers=False,
        ws_max_size=JSON_MAX_BYTES,  # of a message, which uvicorn holds in memory before it can be refused
        timeout_graceful_shutdown=3,
    )


if __name__ == "__main__":
    main(int(sys.argv[1]))

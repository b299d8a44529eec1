"""uvicorn's HTTP with a bound on how long the headers of a request may take."""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEADERS_S = 10.0


class TimedHeaders(HttpToolsProtocol):
    """Closes a connection whose request does not begin in time: uvicorn itself would hold it for ever.

    Bodies have a bound of their own (webapp/body_limit.py), kept-alive connections one of uvicorn's.
    """

    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._timed()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._timed()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._timed()

    def _timed(self) -> None:
        """Runs the clock while this protocol waits for a request; a WebSocket has left for one of its own."""
        answering = self.cycle is not None and not self.cycle.response_complete
        waiting = self in self.connections and not answering
        if waiting and self._timer is None:
            self._timer = self.loop.call_later(HEADERS_S, self.transport.close)
        elif not waiting and self._timer is not None:
            self._timer.cancel()
            self._timer = None

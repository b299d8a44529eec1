"""Clients that send a byte now and then, to occupy a server."""

from __future__ import annotations

import socket
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Self

from tools.bootstrap.machine import HOST

PACE_S = 0.5


class SlowClients:
    """`number` connections to a local port while the block runs, each in the middle of its headers or body."""

    def __init__(self, port: int, part: str, number: int, headers: Mapping[str, str]) -> None:
        lines = [f"{name}: {value}" for name, value in headers.items()]
        begun = "\r\n".join(["POST /api/v1/search HTTP/1.1", *lines, "Content-Type: application/json"])
        begun += "\r\nX-Slow: " if part == "headers" else "\r\nContent-Length: 100000\r\n\r\n{"
        self._clients = [socket.create_connection((HOST, port), timeout=20) for _ in range(number)]
        for client in self._clients:
            client.sendall(begun.encode())
            client.setblocking(False)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._trickle, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        self._thread.join()
        for client in self._clients:
            client.close()

    def holding(self) -> int:
        """Return how many the server has neither answered nor closed."""
        return sum(map(_open, self._clients))

    def _trickle(self) -> None:
        while not self._stop.wait(PACE_S):
            for client in self._clients:
                with suppress(OSError):
                    client.send(b"a")


def _open(client: socket.socket) -> bool:
    try:
        client.recv(1)
    except BlockingIOError:
        return True
    except OSError:
        pass
    return False

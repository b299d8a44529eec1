"""Clients that keep a web process busy: each sends its next request once it has the answer to the last.

Plain sockets, because the cost of a client is taken from the same cores. They run in a separate process.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Sequence
from itertools import cycle
from time import perf_counter, process_time
from typing import Any, NamedTuple

import uvloop

HOST = "127.0.0.1"
_WAIT_S = 30.0
_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)\r\n", re.IGNORECASE)
_SWITCH = (
    b"GET /ws/search/ HTTP/1.1\r\nHost: %b\r\nOrigin: http://%b\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)

Request = Callable[[], Awaitable[None]]


class Driven(NamedTuple):
    """The result of a drive: seconds of each answer, processor seconds of the clients, wall-clock seconds."""

    times_s: list[float]
    clients_cpu_s: float
    wall_s: float


def drive(kind: str, port: int, sketches: list[dict[str, Any]], n_clients: int, for_s: float) -> Driven:
    """Keep `n_clients` sending requests for `for_s` seconds. kind: a key of KINDS.

    Raises RuntimeError for an answer that is not the expected one.
    """
    return uvloop.run(_drive(kind, port, sketches, n_clients, for_s))


async def _drive(
    kind: str, port: int, sketches: list[dict[str, Any]], n_clients: int, for_s: float
) -> Driven:
    clients = [await KINDS[kind](port, sketches[start:] + sketches[:start]) for start in range(n_clients)]
    times: list[float] = []
    started, cpu_started = perf_counter(), process_time()

    async def keep_sending(send: Request) -> None:
        while (sent_at := perf_counter()) - started < for_s:
            await asyncio.wait_for(send(), _WAIT_S)
            times.append(perf_counter() - sent_at)

    await asyncio.gather(*map(keep_sending, clients))
    return Driven(times, process_time() - cpu_started, perf_counter() - started)


async def _search(port: int, sketches: list[dict[str, Any]]) -> Request:
    bodies = [json.dumps({"sketch": sketch, "k": 20}).encode() for sketch in sketches]
    head = b"POST /api/v1/search HTTP/1.1\r\nHost: %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    return await _http(port, [head % (HOST.encode(), len(body)) + body for body in bodies])


async def _healthz(port: int, sketches: list[dict[str, Any]]) -> Request:
    return await _http(port, [b"GET /healthz HTTP/1.1\r\nHost: %b\r\n\r\n" % HOST.encode()])


async def _http(port: int, requests: Sequence[bytes]) -> Request:
    reader, writer = await asyncio.open_connection(HOST, port)
    upcoming = cycle(requests)

    async def send() -> None:
        writer.write(next(upcoming))
        head = await reader.readuntil(b"\r\n\r\n")
        length = _LENGTH.search(head)
        body = await reader.readexactly(int(length[1]) if length else 0)
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError((head + body).decode(errors="replace"))

    return send


async def _socket(port: int, sketches: list[dict[str, Any]]) -> Request:
    reader, writer = await asyncio.open_connection(HOST, port)
    host = b"%b:%d" % (HOST.encode(), port)  # browsers name the port in both
    writer.write(_SWITCH % (host, host))
    answer = await reader.readuntil(b"\r\n\r\n")
    if not answer.startswith(b"HTTP/1.1 101"):
        raise RuntimeError(answer.decode(errors="replace"))
    await _frame(reader)  # the greeting
    upcoming = enumerate(cycle([json.dumps({"sketch": sketch, "k": 20})[1:] for sketch in sketches]))

    async def send() -> None:
        seq, rest = next(upcoming)
        text = f'{{"type": "query", "seq": {seq}, {rest}'.encode()
        # Masked, as clients must, with zeros, which change nothing.
        writer.write(b"\x81\xfe" + len(text).to_bytes(2, "big") + bytes(4) + text)
        answer = await _frame(reader)
        if b'"results"' not in answer[:20]:
            raise RuntimeError(answer.decode(errors="replace"))

    return send


async def _frame(reader: asyncio.StreamReader) -> bytes:
    """Return the payload of the next frame: each message of a server is one unmasked frame."""
    length = (await reader.readexactly(2))[1]
    if length > 125:
        length = int.from_bytes(await reader.readexactly(2 if length == 126 else 8), "big")
    return await reader.readexactly(length)


KINDS: dict[str, Callable[[int, list[dict[str, Any]]], Awaitable[Request]]] = {
    "rest": _search,
    "socket": _socket,
    "healthz": _healthz,
}

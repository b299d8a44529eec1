"""Clients that keep a web process busy: each sends its next request when it has the answer to the last.

Plain sockets, because what a client costs is taken from the same cores. They are for one process of their own.
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

Ask = Callable[[], Awaitable[None]]


class Driven(NamedTuple):
    """What some seconds of driving gave: seconds of each answer, processor seconds of the clients, wall seconds."""

    times_s: list[float]
    clients_cpu_s: float
    wall_s: float


def drive(kind: str, port: int, sketches: list[dict[str, Any]], n_clients: int, for_s: float) -> Driven:
    """Keeps `n_clients` asking for `for_s` seconds. kind: a key of KINDS.

    Raises RuntimeError at an answer that is not what was asked for.
    """
    return uvloop.run(_driven(kind, port, sketches, n_clients, for_s))


async def _driven(
    kind: str, port: int, sketches: list[dict[str, Any]], n_clients: int, for_s: float
) -> Driven:
    clients = [await KINDS[kind](port, sketches[start:] + sketches[:start]) for start in range(n_clients)]
    times: list[float] = []
    began, cpu_began = perf_counter(), process_time()

    async def keep_asking(ask: Ask) -> None:
        while (asked := perf_counter()) - began < for_s:
            await asyncio.wait_for(ask(), _WAIT_S)
            times.append(perf_counter() - asked)

    await asyncio.gather(*map(keep_asking, clients))
    return Driven(times, process_time() - cpu_began, perf_counter() - began)


async def _search(port: int, sketches: list[dict[str, Any]]) -> Ask:
    bodies = [json.dumps({"sketch": sketch, "k": 20}).encode() for sketch in sketches]
    head = b"POST /api/v1/search HTTP/1.1\r\nHost: %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    return await _http(port, [head % (HOST.encode(), len(body)) + body for body in bodies])


async def _healthz(port: int, sketches: list[dict[str, Any]]) -> Ask:
    return await _http(port, [b"GET /healthz HTTP/1.1\r\nHost: %b\r\n\r\n" % HOST.encode()])


async def _http(port: int, requests: Sequence[bytes]) -> Ask:
    reader, writer = await asyncio.open_connection(HOST, port)
    turns = cycle(requests)

    async def ask() -> None:
        writer.write(next(turns))
        head = await reader.readuntil(b"\r\n\r\n")
        length = _LENGTH.search(head)
        body = await reader.readexactly(int(length[1]) if length else 0)
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError((head + body).decode(errors="replace"))

    return ask


async def _socket(port: int, sketches: list[dict[str, Any]]) -> Ask:
    reader, writer = await asyncio.open_connection(HOST, port)
    host = b"%b:%d" % (HOST.encode(), port)  # browsers name the port in both
    writer.write(_SWITCH % (host, host))
    answer = await reader.readuntil(b"\r\n\r\n")
    if not answer.startswith(b"HTTP/1.1 101"):
        raise RuntimeError(answer.decode(errors="replace"))
    await _frame(reader)  # the greeting
    turns = enumerate(cycle([json.dumps({"sketch": sketch, "k": 20})[1:] for sketch in sketches]))

    async def ask() -> None:
        seq, rest = next(turns)
        text = f'{{"type": "query", "seq": {seq}, {rest}'.encode()
        # Masked, as clients must, by zeros, which change nothing.
        writer.write(b"\x81\xfe" + len(text).to_bytes(2, "big") + bytes(4) + text)
        answer = await _frame(reader)
        if b'"results"' not in answer[:20]:
            raise RuntimeError(answer.decode(errors="replace"))

    return ask


async def _frame(reader: asyncio.StreamReader) -> bytes:
    """The payload of the next frame: messages of a server are one frame each and not masked."""
    length = (await reader.readexactly(2))[1]
    if length > 125:
        length = int.from_bytes(await reader.readexactly(2 if length == 126 else 8), "big")
    return await reader.readexactly(length)


KINDS: dict[str, Callable[[int, list[dict[str, Any]]], Awaitable[Ask]]] = {
    "rest": _search,
    "socket": _socket,
    "healthz": _healthz,
}

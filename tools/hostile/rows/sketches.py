"""Sketches of very many points, over REST and over one WebSocket; and WebSocket messages that are not sketches."""

from __future__ import annotations

import json
import socket
import time
from contextlib import suppress
from functools import cache
from itertools import count

import numpy as np
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from tools.hostile.row import Row, Target

_CANVAS = 256
_MESSAGES_PER_S = 20
_JUNK_EVERY_S = 0.012
_JUNK = '{"type":"query","seq":1,"a":[' + "1," * 29_000 + "1e999]}"  # refused by its last value


@cache
def _sketch(n_points: int, *, scribbled: bool) -> dict[str, object]:
    """Return lines across the canvas, or a random walk."""
    rng = np.random.default_rng(0)
    if scribbled:
        points = rng.uniform(0, _CANVAS, (n_points, 2))
    else:
        points = np.clip(_CANVAS / 2 + np.cumsum(rng.normal(0, 0.5, (n_points, 2)), axis=0), 0, _CANVAS)
    strokes = np.split(points.round(1), max(1, n_points // 10_000))
    return {"width": _CANVAS, "height": _CANVAS, "strokes": [stroke.tolist() for stroke in strokes]}


@cache
def _rest(n_points: int, scribbled: bool) -> bytes:
    return json.dumps({"sketch": _sketch(n_points, scribbled=scribbled)}).encode()


def _over_socket(target: Target, call: int) -> None:
    """Send a giant sketch repeatedly, whether answers come or not."""
    rest = json.dumps({"type": "query", "sketch": _sketch(20_000, scribbled=False)})[1:]
    with opened(target) as connection:
        for seq in count():
            try:
                connection.send(f'{{"seq": {seq}, {rest}')
            except ConnectionClosed:
                return
            time.sleep(1 / _MESSAGES_PER_S)


def _junk(target: Target, call: int) -> None:
    """Send messages that are refused, on a new socket whenever the server closes the last one."""
    try:
        with opened(target) as connection:
            while True:
                connection.send(_JUNK)
                with suppress(TimeoutError):
                    while True:
                        connection.recv(0)
                time.sleep(_JUNK_EVERY_S)
    except WebSocketException:
        time.sleep(_JUNK_EVERY_S)


def opened(target: Target) -> ClientConnection:
    peer = (target.host, target.port)
    return connect(
        f"ws://{target.host}:{target.port}/ws/search/",
        sock=socket.create_connection(peer, source_address=(target.address, 0)),
        origin=Origin(f"http://{target.host}:{target.port}"),
        max_size=None,
    )


ROWS = [
    Row("sketch-50000-points", 2, lambda target, _: target.post("/api/v1/search", _rest(50_000, True))),
    Row("sketch-20000-points", 2, lambda target, _: target.post("/api/v1/search", _rest(20_000, False))),
    Row("sketch-long-lines", 2, lambda target, _: target.post("/api/v1/search", _rest(900, True))),
    Row("socket-20000-points", 1, _over_socket),
    Row("socket-junk", 8, _junk),
]

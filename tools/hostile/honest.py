"""A visitor who searches at a steady pace over REST and over a WebSocket, and how long the answers take."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from http.client import HTTPException
from itertools import count, cycle
from time import monotonic, perf_counter
from typing import Any

import numpy as np
from websockets.exceptions import WebSocketException

from ml.benchmarks.query import scribble
from tools.hostile.row import Target
from tools.hostile.rows.sketches import opened

SEARCHES_PER_S, QUERIES_PER_S = 8.0, 6.0  # within the limits of one address
_PATIENCE_S = 10.0


@dataclass(slots=True)
class Waits:
    """Milliseconds until each answer, and the failures."""

    times_ms: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def percentile(self, q: float) -> float:
        """Return a percentile over all requests; a failure counts as the longest wait."""
        times = self.times_ms + [_PATIENCE_S * 1e3] * len(self.failures)
        return float(np.percentile(times, q)) if times else float("nan")


@dataclass(frozen=True, slots=True)
class Visit:
    rest: Waits
    live: Waits


def visit(target: Target, for_s: float) -> Visit:
    """Search both ways at once for `for_s` seconds."""
    sketches = [scribble(seed) for seed in range(20)]
    found = Visit(Waits(), Waits())
    asking = (_search, found.rest), (_live, found.live)
    threads = [threading.Thread(target=ask, args=(target, sketches, for_s, into)) for ask, into in asking]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def _search(target: Target, sketches: list[dict[str, Any]], for_s: float, into: Waits) -> None:
    started, due = monotonic(), monotonic()
    for sketch in cycle(sketches):
        _wait_until(due)
        if monotonic() - started > for_s:
            return
        due = max(due + 1 / SEARCHES_PER_S, monotonic())
        sent_at = perf_counter()
        try:
            status = target.post_json("/api/v1/search", {"sketch": sketch, "k": 20})
        except (OSError, HTTPException) as error:
            into.failures.append(type(error).__name__)
            continue
        if status == 200:
            into.times_ms.append((perf_counter() - sent_at) * 1e3)
        else:
            into.failures.append(str(status))


def _live(target: Target, sketches: list[dict[str, Any]], for_s: float, into: Waits) -> None:
    started = due = monotonic()
    try:
        with opened(target) as socket:
            socket.recv(_PATIENCE_S)  # the greeting
            for seq, sketch in zip(count(), cycle(sketches), strict=False):
                _wait_until(due)
                if monotonic() - started > for_s:
                    return
                due = max(due + 1 / QUERIES_PER_S, monotonic())
                sent_at = perf_counter()
                socket.send(json.dumps({"type": "query", "seq": seq, "sketch": sketch, "k": 20}))
                answer = json.loads(socket.recv(_PATIENCE_S))
                if answer["type"] == "results":
                    into.times_ms.append((perf_counter() - sent_at) * 1e3)
                else:
                    into.failures.append(str(answer["problem"]["status"]))
    except (OSError, TimeoutError, WebSocketException) as error:
        into.failures.append(type(error).__name__)


def _wait_until(due: float) -> None:
    threading.Event().wait(max(0.0, due - monotonic()))

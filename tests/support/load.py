"""Searches at a steady pace against several replicas, as behind a load balancer; every answer is recorded."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from itertools import count
from time import monotonic
from typing import Any, Self

SKETCHES = [
    {"width": 100, "height": 100, "strokes": [[[10 + 7 * n, 12], [88 - 5 * n, 90 - 3 * n]], [[20, 60], [80, 20 + n]]]}
    for n in range(6)
]  # fmt: skip
_BODIES = [json.dumps({"sketch": sketch, "k": 12}).encode() for sketch in SKETCHES]
_AT_ONCE = 40  # concurrent queries; others wait
Ranking = tuple[tuple[int, float], ...]  # product ids and scores, best first


def ranking_of(answer: dict[str, Any]) -> Ranking:
    return tuple((row["product"]["id"], row["score"]) for row in answer["results"])


@dataclass(frozen=True, slots=True)
class Answer:
    """One query: its replica, when it was sent and answered, and the answer."""

    replica: str
    sketch: int
    sent_at: float
    at: float
    error: str = ""
    release: int = 0
    ranking: Ranking = ()


@dataclass(slots=True)
class Load:
    """A thread that sends `per_s` queries per second to the replicas in turn while the `with` block runs.

    retry: whether a query that a replica does not answer is retried on the next, as by a load balancer.
    """

    replicas: Sequence[str]
    per_s: float = 50.0
    retry: bool = False
    answers: list[Answer] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._ask_all)
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        assert self._thread is not None
        self._thread.join()

    @property
    def errors(self) -> list[str]:
        return [f"{answer.replica}: {answer.error}" for answer in self.answers if answer.error]

    def times_ms(self) -> list[float]:
        """Return the times of the answered queries, ascending."""
        return sorted((a.at - a.sent_at) * 1e3 for a in self.answers if not a.error)

    def _ask_all(self) -> None:
        due, turns = monotonic(), count()
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            while not self._stop.wait(max(0.0, due - monotonic())):
                pool.submit(self._ask, next(turns))
                due += 1 / self.per_s

    def _ask(self, turn: int) -> None:
        sketch, sent_at, error = turn % len(SKETCHES), monotonic(), ""
        for attempt in range(len(self.replicas) if self.retry else 1):
            replica = self.replicas[(turn + attempt) % len(self.replicas)]
            try:
                status, text = _posted(replica, _BODIES[sketch])
            except (OSError, HTTPException) as failure:
                error = f"{type(failure).__name__} {failure}"
                continue
            if status == 200:
                body = json.loads(text)
                release, ranking = body["release"]["id"], ranking_of(body)
                self.answers.append(Answer(replica, sketch, sent_at, monotonic(), "", release, ranking))
                return
            error = f"{status} {text[:200]!r}"
        self.answers.append(Answer(replica, sketch, sent_at, monotonic(), error))


def _posted(replica: str, body: bytes) -> tuple[int, bytes]:
    """Return status and body, on a new connection, since one that a server is closing would look like an error."""
    connection = HTTPConnection(replica.removeprefix("http://"), timeout=20)
    try:
        connection.request("POST", "/api/v1/search", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()

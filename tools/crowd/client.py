"""One worker's API client: every request is repeated until it is answered, and the answer is recorded."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import aiohttp
import numpy as np

_PAUSE_S = (0.05, 0.1, 0.2, 0.4, 0.8)  # between repetitions; the last one from then on


class GaveUpError(RuntimeError):
    """A request was not answered within a worker's patience, or a link was not accepted."""


@dataclass(slots=True)
class Log:
    """The record of a crowd. seconds: of answered requests by kind. receipts: by idempotency key."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    counts: Counter[str] = field(default_factory=Counter)
    receipts: dict[str, str] = field(default_factory=dict)

    def percentile_ms(self, kind: str, percent: float) -> float | None:
        """Return a percentile of the times of one kind of request; None without any."""
        times = self.seconds.get(kind)
        return float(np.percentile(times, percent) * 1000) if times else None


@dataclass(frozen=True, slots=True)
class Reply:
    """A response's status, and its JSON, if it has a body."""

    status: int
    body: Any


class ApiWorker:
    """Joins one campaign and works in it. `urls`: servers of the same site, tried in turn if one is down."""

    def __init__(
        self,
        http: aiohttp.ClientSession,
        urls: list[str],
        campaign_id: int,
        log: Log,
        *,
        patience_s: float = 60.0,
    ) -> None:
        self.http = http
        self.urls = urls
        self.campaign_id = campaign_id
        self.log = log
        self.patience_s = patience_s
        self.headers: dict[str, str] = {}

    async def join(self, participant: str) -> None:
        """Join by the token of a personal link; repeating it gives the same answer. Raises GaveUpError."""
        body = {"consent": True, "participant": participant, "browser_key": secrets.token_urlsafe(32)}
        joined = await self._post("join", f"campaigns/{self.campaign_id}/join", body)
        if joined.status != 201:
            raise GaveUpError(f"join: {joined.body['detail']}")
        self.headers = {"Authorization": f"Worker {joined.body['worker_token']}"}

    async def next(self, prefetch: int, have: list[int]) -> list[dict[str, Any]]:
        """Return the next assignments; none if there is nothing to do now, or the worker may not continue."""
        answer = await self._post(
            "next", f"campaigns/{self.campaign_id}/next", {"prefetch": prefetch, "have": have}
        )
        if answer.status != 200:
            self.log.counts["turned away"] += answer.status == 403
            return []
        cards: list[dict[str, Any]] = answer.body["assignments"]
        return cards

    async def vote(
        self, assignment_id: int, choice: str, response_ms: int, key: str
    ) -> dict[str, Any] | None:
        """Send an answer. Return its receipt; None if it was refused."""
        body = {
            "choice": choice,
            "response_ms": response_ms,
            "idempotency_key": key,
            "device_class": "desktop",
        }
        answer = await self._post("vote", f"assignments/{assignment_id}/vote", body)
        return self._receipt(answer, key)

    async def undo(self, assignment_id: int, key: str) -> dict[str, Any] | None:
        """Undo an answer. Return its receipt; None if that was refused."""
        answer = await self._post("undo", f"assignments/{assignment_id}/undo", {"idempotency_key": key})
        return self._receipt(answer, key)

    def _receipt(self, answer: Reply, key: str) -> dict[str, Any] | None:
        if answer.status != 200:
            self.log.counts[f"refused {answer.status}"] += 1
            return None
        receipt: dict[str, Any] = answer.body
        known = self.log.receipts.setdefault(key, receipt["receipt"])
        if known != receipt["receipt"]:
            self.log.counts["two receipts for one key"] += 1
        return receipt

    async def _post(self, kind: str, path: str, body: dict[str, Any]) -> Reply:
        """Post until there is an answer other than a server error."""
        started = perf_counter()
        for attempt in range(1_000_000):
            url = f"{self.urls[attempt % len(self.urls)]}/api/v1/{path}"
            sent_at = perf_counter()
            try:
                async with self.http.post(url, json=body, headers=self.headers) as response:
                    content = await response.read()
                    if response.status < 500 and response.status != 429:
                        self.log.seconds[kind].append(perf_counter() - sent_at)
                        return Reply(response.status, json.loads(content) if content else None)
                    self.log.counts[f"repeated {response.status}"] += 1
            except (aiohttp.ClientError, TimeoutError) as error:
                self.log.counts[f"repeated {type(error).__name__}"] += 1
            if perf_counter() - started > self.patience_s:
                raise GaveUpError(f"{path}: no answer within {self.patience_s:g} s")
            await asyncio.sleep(_PAUSE_S[min(attempt, len(_PAUSE_S) - 1)])
        raise AssertionError

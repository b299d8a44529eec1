"""Drive many workers at once against a running site, each with its own pace and habits, including bad ones."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import aiohttp
import numpy as np

from annotation.identity.personal_links import participant_token
from tools.crowd.client import ApiWorker, GaveUpError, Log

PREFETCH = 4  # as the work page claims: up to 4, once at most 2 are left
_LOW = 2
_LINK_VALIDITY = timedelta(days=1)
_KEEP_ALIVE_S = 60.0  # as long as a browser keeps an idle connection
_TIMEOUT = aiohttp.ClientTimeout(total=30.0)


@dataclass(frozen=True, slots=True)
class Judgement:
    """A worker's answer to a card, and the time it took."""

    choice: str
    takes_s: float


class Judge(Protocol):
    """A source of answers. `sent` reports whether an answer was received in time; then it counts, unless it is a skip."""

    name: str

    def judge(self, card: dict[str, Any]) -> Judgement: ...

    def sent(self, card: dict[str, Any], judgement: Judgement, *, in_time: bool) -> None: ...


@dataclass(frozen=True, slots=True)
class Mischief:
    """Probabilities per card of what goes wrong with real people and browsers. late_s: the delay of a late answer."""

    abandon: float = 0.0  # never answers
    late: float = 0.0  # answers after the lease has ended
    double: float = 0.0  # clicks twice: the same request twice at the same time
    again: float = 0.0  # sends again what already has its receipt
    undo: float = 0.0  # takes it back, then answers again
    late_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Drive:
    """How a crowd works: where, how many answers in total (None: while there is work), and as which panel's workers.

    A bare participant number is not accepted, so links are signed here, which needs the site's secret key.

    arrive_s: the time over which workers arrive, one after another. linger_s: how long an idle worker keeps polling,
    since other workers' leases may expire.
    """

    urls: list[str]
    campaign_id: int
    panel: str
    mischief: Mischief = Mischief()
    max_answers: int | None = None
    arrive_s: float = 0.0
    linger_s: float = 0.0
    patience_s: float = 60.0
    seed: int = 0


class _Queue:
    """The cards that a worker has claimed ahead; more are claimed while they judge, as on the work page."""

    def __init__(self, worker: ApiWorker) -> None:
        self._worker = worker
        self._cards: list[dict[str, Any]] = []
        self._filling: asyncio.Task[list[dict[str, Any]]] | None = None

    async def take(self, abandoned: Sequence[int]) -> dict[str, Any] | None:
        """Return the next card; None if there is none now. abandoned: assignments not to get again."""
        if self._filling and (self._filling.done() or not self._cards):
            self._cards += await self._filling
            self._filling = None
        if not self._cards:
            self._cards = await self._worker.next(PREFETCH, list(abandoned))
        if not self._cards:
            return None
        card = self._cards.pop(0)
        if len(self._cards) <= _LOW and self._filling is None:
            have = [card["id"], *(one["id"] for one in self._cards), *abandoned]
            claim = self._worker.next(PREFETCH - len(self._cards), have)
            self._filling = asyncio.create_task(claim)
        return card

    async def close(self) -> None:
        """Wait for the claim in progress, if any."""
        if self._filling:
            await self._filling


async def crowd_drive(drive: Drive, judges: Sequence[Judge], log: Log | None = None) -> Log:
    """Let all judges work at once until there is nothing left for any of them. Return the log."""
    log = log or Log()

    async def work(number: int, judge: Judge) -> None:
        await asyncio.sleep(drive.arrive_s * number / len(judges))
        own = aiohttp.TCPConnector(
            keepalive_timeout=_KEEP_ALIVE_S
        )  # since each browser has its own connections
        async with aiohttp.ClientSession(connector=own, timeout=_TIMEOUT) as http:
            await _work(drive, number, judge, http, log)

    await asyncio.gather(*[work(number, judge) for number, judge in enumerate(judges)])
    return log


async def _work(drive: Drive, number: int, judge: Judge, http: aiohttp.ClientSession, log: Log) -> None:
    rng = np.random.default_rng([drive.seed, number])
    own_first = drive.urls[number % len(drive.urls) :] + drive.urls[: number % len(drive.urls)]
    worker = ApiWorker(http, own_first, drive.campaign_id, log, patience_s=drive.patience_s)
    late: set[asyncio.Task[None]] = set()
    try:
        until = datetime.now(UTC) + _LINK_VALIDITY
        await worker.join(
            participant_token(
                campaign_id=drive.campaign_id, provider=drive.panel, worker=judge.name, until=until
            )
        )
        idle_since: float | None = None
        clock = asyncio.get_running_loop().time
        abandoned: list[int] = []
        queue = _Queue(worker)
        while not _enough(drive, log):
            card = await queue.take(abandoned)
            if card is None:
                idle_since = idle_since or clock()
                if clock() - idle_since >= drive.linger_s:
                    break
                await asyncio.sleep(min(0.5, drive.linger_s))
                continue
            idle_since = None
            judgement = judge.judge(card)
            if rng.random() < drive.mischief.abandon:
                log.counts["abandoned"] += 1
                abandoned = [*abandoned, card["id"]][-8:]
                continue
            if rng.random() < drive.mischief.late:
                log.counts["sent late"] += 1
                abandoned = [*abandoned, card["id"]][-8:]
                answer = _answer(worker, judge, card, judgement, drive, rng, drive.mischief.late_s)
                late.add(asyncio.create_task(answer))
                continue
            await _answer(worker, judge, card, judgement, drive, rng, judgement.takes_s)
        await asyncio.gather(queue.close(), *late)
    except GaveUpError as error:
        log.counts["gave up"] += 1
        log.counts[str(error)] += 1


def _enough(drive: Drive, log: Log) -> bool:
    return drive.max_answers is not None and log.counts["answered"] >= drive.max_answers


async def _answer(
    worker: ApiWorker,
    judge: Judge,
    card: dict[str, Any],
    judgement: Judgement,
    drive: Drive,
    rng: np.random.Generator,
    wait_s: float,
) -> None:
    """Wait, then send the answer, possibly with mischief."""
    if wait_s:
        await asyncio.sleep(wait_s)
    worker.log.counts["answered"] += 1
    mischief, response_ms = drive.mischief, round(judgement.takes_s * 1000)
    key = f"{drive.seed}-{card['id']}-{int(rng.integers(2**40))}"

    async def send(key: str) -> dict[str, Any] | None:
        return await worker.vote(card["id"], judgement.choice, response_ms, key)

    if rng.random() < mischief.double:
        worker.log.counts["sent twice at once"] += 1
        receipt, _ = await asyncio.gather(send(key), send(key))
    else:
        receipt = await send(key)
    if rng.random() < mischief.again:
        worker.log.counts["sent again"] += 1
        await send(key)
    if receipt and rng.random() < mischief.undo and await worker.undo(card["id"], f"undo-{key}"):
        worker.log.counts["undone"] += 1
        receipt = await send(f"redo-{key}")
    in_time = bool(receipt and not receipt["late"])
    worker.log.counts["in time" if in_time else "late or refused"] += 1
    judge.sent(card, judgement, in_time=in_time)

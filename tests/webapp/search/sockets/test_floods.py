"""More queries, messages or sockets than one address may have: the newest query is answered, and abuse is ended."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import Settings

from tests.support.live_search import ask
from webapp.http.limits.budget import IGNORED_MS, work
from webapp.registry.models import Release
from webapp.search.sockets import consumer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.asyncio]


async def test_in_a_flood_the_last_query_is_answered_and_seqs_increase(
    connect: Callable[..., Any], release: Release
) -> None:
    socket = await connect()
    for seq in range(50):
        await ask(socket, seq)
    answers: list[Any] = []
    while not answers or answers[-1]["seq"] < 49:
        answers.append(await socket.receive())
    assert all(answer["type"] == "results" for answer in answers)
    seqs = [answer["seq"] for answer in answers]
    assert seqs == sorted(set(seqs))
    assert len(seqs) < 25, "older questions are cancelled"
    assert await socket.receive_nothing(0.3)
    await socket.disconnect()


async def test_a_socket_gets_one_answer_at_a_time(
    connect: Callable[..., Any], release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_flight, most = 0, 0
    answered = consumer._answer

    def counted(*args: Any) -> Any:
        nonlocal in_flight, most
        in_flight += 1
        most = max(most, in_flight)
        try:
            return answered(*args)
        finally:
            in_flight -= 1

    monkeypatch.setattr(consumer, "_answer", counted)
    socket = await connect()
    for seq in range(10):
        await ask(socket, seq)
        await asyncio.sleep(0.002)
    while (await socket.receive())["seq"] < 9:
        pass
    assert most == 1
    await socket.disconnect()


async def test_queries_beyond_the_rate_wait_and_the_newest_is_answered(
    connect: Callable[..., Any], release: Release, settings: Settings
) -> None:
    settings.LIVE_QUERIES_PER_S = 2
    socket = await connect()
    for seq in range(8):
        await ask(socket, seq)
        await asyncio.sleep(0.02)
    seqs: list[int] = []
    while not seqs or seqs[-1] < 7:
        seqs.append((await socket.receive())["seq"])
    assert len(seqs) <= 4
    await socket.disconnect()


async def test_a_socket_that_closes_during_its_query_is_harmless(
    connect: Callable[..., Any], release: Release
) -> None:
    leaver, stayer = await connect(), await connect()
    await ask(leaver, 1)
    await leaver.disconnect()
    await ask(stayer, 1)
    assert (await stayer.receive())["type"] == "results"
    await stayer.disconnect()


async def test_far_too_many_messages_are_refused_then_the_socket_is_closed(
    connect: Callable[..., Any], release: Release, settings: Settings
) -> None:
    settings.LIVE_QUERIES_PER_S = 1
    socket = await connect()
    for _ in range(40):
        await socket.send_text("{}")
    statuses = []
    while (output := await socket.receive_output(timeout=5))["type"] == "websocket.send":
        statuses.append(json.loads(output["text"])["problem"]["status"])
    assert output["code"] == consumer.CLOSE_ABUSE
    assert set(statuses) == {400, 429}
    assert statuses == sorted(statuses)


@pytest.fixture
def charges(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The milliseconds charged, since the remaining budget also depends on how long the test takes."""
    charged: list[float] = []
    monkeypatch.setattr(work, "charge", lambda address, cost_ms: charged.append(cost_ms))
    return charged


@pytest.mark.parametrize(
    "junk", ['{"type":"query","seq":1,"a":[' + "1," * 29_000 + "1e999]}", "{}", "[" * 9_000]
)
async def test_a_socket_that_sends_invalid_messages_is_closed_and_its_address_charged(
    connect: Callable[..., Any], release: Release, junk: str, charges: list[float]
) -> None:
    socket = await connect()
    for _ in range(consumer._MAX_REFUSALS + 1):
        await socket.send_text(junk)
    refused = 0
    while (output := await socket.receive_output(timeout=5))["type"] == "websocket.send":
        assert json.loads(output["text"])["problem"]["status"] == 400
        refused += 1
    assert (refused, output["code"]) == (consumer._MAX_REFUSALS, consumer.CLOSE_ABUSE)
    assert sum(charges) >= IGNORED_MS * consumer._MAX_REFUSALS


async def test_queries_that_are_never_answered_are_charged(
    connect: Callable[..., Any], release: Release, charges: list[float]
) -> None:
    socket = await connect()
    unread = json.dumps([0] * 9_000)
    for seq in range(50):
        await ask(socket, seq, notes=unread)
    while (await socket.receive())["seq"] < 49:
        pass
    assert len(charges) >= 50
    await socket.disconnect()


async def test_an_address_may_open_a_limited_number_of_sockets(
    connect: Callable[..., Any], release: Release, settings: Settings
) -> None:
    settings.LIVE_SOCKETS_PER_ADDRESS = 2
    first, second = await connect(), await connect()
    third = await connect(hello=False)
    refused = await third.receive()
    assert refused["problem"]["status"] == 429
    assert (await third.receive_output(timeout=5))["code"] == consumer.CLOSE_ABUSE
    await third.disconnect()
    await first.disconnect()
    again = await connect()
    await ask(again, 1)
    assert (await again.receive())["type"] == "results"
    await again.disconnect()
    await second.disconnect()

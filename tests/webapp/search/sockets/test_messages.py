"""Messages and connections that a socket refuses, with what was wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import Settings

from tests.support.live_search import SKETCH, ask
from webapp.registry.models import Release
from webapp.search.sockets import consumer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.asyncio]


@pytest.mark.parametrize("origin", [(b"origin", b"https://stranger.example"), (b"origin", b"null"), None])
async def test_a_page_of_another_origin_is_refused(
    connect: Callable[..., Any], release: Release, origin: Any
) -> None:
    assert await connect(origin=origin) is None


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("", "message"),
        ("{", "message"),
        ("[" * 100_000, "message"),
        ("[]", "type"),
        ("3", "type"),
        ('{"type": "dance"}', "type"),
        ('{"type": "query"}', "seq"),
        ('{"type": "query", "seq": "1"}', "seq"),
        ('{"type": "query", "seq": -1}', "seq"),
        ('{"type": "query", "seq": true}', "seq"),
        ('{"type": "query", "seq": 1e400}', "seq"),
        ('{"type": "query", "seq": 5}', "sketch"),
        (
            '{"type": "query", "seq": 5, "sketch": {"width": NaN, "height": 1, "strokes": [[[1, 2]]]}}',
            "sketch.width",
        ),
        (
            json.dumps({"type": "query", "seq": 5, "sketch": {**SKETCH, "strokes": [[[1, "x"]]]}}),
            "sketch.strokes[0][0].y",
        ),
        (json.dumps({"type": "query", "seq": 5, "sketch": SKETCH, "k": 1000}), "k"),
        (json.dumps({"type": "query", "seq": 5, "sketch": SKETCH, "category": "nowhere"}), "category"),
    ],
)
async def test_an_invalid_message_gets_a_clear_answer_and_the_socket_stays_open(
    connect: Callable[..., Any], release: Release, text: Any, field: str
) -> None:
    socket = await connect()
    await socket.send_text(text)
    error = await socket.receive()
    assert error["type"] == "error"
    assert error["problem"]["status"] == 400
    assert error["problem"].get("field") == field
    await ask(socket, 7)
    assert (await socket.receive())["seq"] == 7
    await socket.disconnect()


async def test_bytes_are_refused(connect: Callable[..., Any], release: Release) -> None:
    socket = await connect()
    await socket.send_bytes(b"\x00\x01")
    assert (await socket.receive())["problem"]["status"] == 400
    await socket.disconnect()


async def test_a_seq_that_does_not_increase_is_refused(connect: Callable[..., Any], release: Release) -> None:
    socket = await connect()
    await ask(socket, 3)
    assert (await socket.receive())["seq"] == 3
    for seq in (3, 2):
        await ask(socket, seq)
        assert (await socket.receive())["problem"]["field"] == "seq"
    await socket.disconnect()


async def test_a_message_without_end_closes_the_socket(
    connect: Callable[..., Any], release: Release, settings: Settings
) -> None:
    settings.JSON_MAX_BYTES = 50_000
    socket = await connect()
    await socket.send_text("x" * 50_001)
    assert (await socket.receive())["problem"]["status"] == 413
    assert (await socket.receive_output(timeout=5))["code"] == consumer.CLOSE_TOO_LARGE

"""/ws/search/ against the real ASGI application."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from pytest_django import Settings
from rest_framework.test import APIClient

from ml.sketch.strokes import parse_sketch
from tests.support.example_recogniser import example_recogniser
from tests.support.websocket import Socket
from webapp.asgi import application
from webapp.catalog.models import Product
from webapp.http.limits.budget import IGNORED_MS, work
from webapp.registry.models import Release
from webapp.registry.releases import live
from webapp.registry.releases.services import release_rollback
from webapp.search.sockets import consumer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.asyncio]

SKETCH = {"width": 100, "height": 100, "strokes": [[[20, 20], [80, 20], [80, 80], [20, 80], [20, 20]]]}
HOST = (b"host", b"testserver")
ORIGIN = (b"origin", b"http://testserver")


@pytest.fixture(autouse=True)
def _hosts(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["testserver", "localhost"]


@pytest.fixture
def connect() -> Callable[..., Any]:
    """connect(*headers) -> an open socket after its greeting, or None if it is refused."""

    async def connect(
        *headers: tuple[bytes, bytes], origin: tuple[bytes, bytes] | None = ORIGIN, hello: bool = True
    ) -> Socket | None:
        given = [HOST, *headers, *([origin] if origin else [])]
        socket = Socket(application, "/ws/search/", given)
        connected = await socket.connect()
        if connected and hello:
            assert (await socket.receive())["type"] == "hello"
        return socket if connected else None

    return connect


async def ask(socket: Any, seq: Any, **query: Any) -> None:
    await socket.send_text(json.dumps({"type": "query", "seq": seq, "sketch": SKETCH, "k": 5, **query}))


async def test_hello_names_the_release_and_the_limits(
    connect: Callable[..., Any], release: Release, settings: Settings
) -> None:
    socket = await connect(hello=False)
    hello = await socket.receive()
    assert hello == {
        "type": "hello",
        "release": {
            "id": release.pk,
            "model": "tiny 1.0",
            "index": release.index_sha256[:12],
            "precision": "fp32",
        },
        "limits": {"max_in_flight": 1, "queries_per_s": settings.LIVE_QUERIES_PER_S},
    }
    await socket.disconnect()


async def test_a_socket_and_rest_give_the_same_answer(
    connect: Callable[..., Any], release: Release, api: APIClient
) -> None:
    socket = await connect()
    await ask(socket, 1, category="a")
    live_answer = await socket.receive()
    body = {"sketch": SKETCH, "k": 5, "category": "a"}
    post = sync_to_async(api.post)
    rest_answer = (await post("/api/v1/search", body, format="json")).json()
    assert live_answer["type"] == "results"
    assert live_answer["seq"] == 1
    assert len(live_answer["results"]) == 5
    for key in ("release", "results", "nothing_close"):
        assert live_answer[key] == rest_answer[key]
    await socket.disconnect()


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

    def counted(query: Any, language: Any) -> Any:
        nonlocal in_flight, most
        in_flight += 1
        most = max(most, in_flight)
        try:
            return answered(query, language)
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


async def test_a_new_release_is_announced_and_answers_from_then_on(
    connect: Callable[..., Any], release: Release, make_release: Callable[..., Release]
) -> None:
    socket = await connect()
    other = await sync_to_async(make_release)(seed=1)
    await sync_to_async(live.current)()
    message = await socket.receive()
    assert message["type"] == "release"
    assert message["release"]["id"] == other.pk
    await ask(socket, 1)
    assert (await socket.receive())["release"]["id"] == other.pk
    await sync_to_async(release_rollback)()
    await sync_to_async(live.current)()
    assert (await socket.receive())["release"]["id"] == release.pk
    await socket.disconnect()


async def test_before_the_first_release_a_query_gets_an_error(
    connect: Callable[..., Any], products: list[Product]
) -> None:
    socket = await connect(hello=False)
    assert (await socket.receive())["release"] is None
    await ask(socket, 1)
    error = await socket.receive()
    assert (error["seq"], error["problem"]["status"]) == (1, 503)
    await socket.disconnect()


@pytest.mark.parametrize(
    ("headers", "name"),
    [
        ([(b"accept-language", b"de-AT,de;q=0.9,en;q=0.5")], "Ah"),
        ([(b"accept-language", b"de"), (b"cookie", b"django_language=en")], "A"),
        ([(b"accept-language", b"xx"), (b"cookie", b"django_language=\xff; x")], "A"),
        ([], "A"),
    ],
)
async def test_names_follow_the_visitors_language(
    connect: Callable[..., Any], release: Release, headers: Any, name: str
) -> None:
    socket = await connect(*headers)
    await ask(socket, 1, category="a")
    names = {result["product"]["category"]["name"] for result in (await socket.receive())["results"]}
    assert names == {name}
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


async def test_a_server_failure_is_reported_without_its_cause(
    connect: Callable[..., Any], release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(**_: object) -> None:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(consumer, "search_sketch", broken)
    socket = await connect()
    await ask(socket, 1)
    error = await socket.receive()
    assert error["problem"]["status"] == 500
    assert "secret" not in json.dumps(error)
    await socket.disconnect()


async def test_a_query_narrows_by_name_words_and_shape_as_over_rest(
    connect: Callable[..., Any],
    release: Release,
    products: list[Product],
    settings: Settings,
    tmp_path: Path,
) -> None:
    def rename() -> None:
        for product, name in zip(products, ["Chair", "Blue chair", "Mug"], strict=False):
            product.name = name
            product.save()

    settings.RECOGNISER_DIR = example_recogniser(tmp_path / "recogniser", {"mug": parse_sketch(SKETCH)})
    await sync_to_async(rename)()
    await sync_to_async(live.reset)()
    socket = await connect()
    queries: list[dict[str, Any]] = [
        {"name": "chair"},
        {"text": "blue"},
        {"by_shape": True},
        {"text": "gnu"},
        {},
    ]
    for seq, query in enumerate(queries, start=1):
        await ask(socket, seq, **query)
        live_answer = await socket.receive()
        assert live_answer["type"] == "results", live_answer
        rest = await sync_to_async(APIClient().post)(
            "/api/v1/search", {"sketch": SKETCH, "k": 5, **query}, format="json"
        )
        for field in ("results", "recognised", "text_matches"):
            assert live_answer[field] == rest.json()[field]
        assert live_answer["recognised"]["names"][0]["name"] == "mug"
    await ask(socket, 10, name="unicorn")
    refused = await socket.receive()
    assert (refused["type"], refused["seq"]) == ("error", 10)
    assert (refused["problem"]["status"], refused["problem"]["field"]) == (400, "name")
    await socket.disconnect()

"""What a socket answers, against the real ASGI application: as over REST, in the visitor's language."""

from __future__ import annotations

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
from tests.support.live_search import SKETCH, ask
from webapp.catalog.models import Product
from webapp.registry.models import Release
from webapp.registry.releases import live
from webapp.registry.releases.services import release_rollback
from webapp.search.sockets import consumer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.asyncio]


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


LINE = {"width": 100, "height": 100, "strokes": [[[40, 50], [60, 55]]]}
DOT = {"width": 100, "height": 100, "strokes": [[[40, 50]]]}


async def test_a_dot_or_a_line_is_named_nothing_and_a_blank_page_is_refused(
    connect: Callable[..., Any], release: Release, settings: Settings, tmp_path: Path
) -> None:
    examples = {"mug": parse_sketch(DOT), "chair": parse_sketch(LINE), "table": parse_sketch(SKETCH)}
    settings.RECOGNISER_DIR = example_recogniser(tmp_path / "recogniser", examples)
    await sync_to_async(live.reset)()
    socket = await connect()
    for seq, sketch in enumerate((DOT, LINE), start=1):
        await ask(socket, seq, sketch=sketch)
        assert (await socket.receive())["recognised"] == {"sure": False, "names": []}
    await ask(socket, 3)
    assert (await socket.receive())["recognised"]["names"][0]["name"] == "table"
    await ask(socket, 4, sketch={**LINE, "strokes": []})
    refused = await socket.receive()
    assert (refused["type"], refused["problem"]["field"]) == ("error", "sketch.strokes")
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


async def test_a_server_failure_is_reported_without_its_cause(
    connect: Callable[..., Any], release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(**_: object) -> None:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(consumer, "answer_sketch", broken)
    socket = await connect()
    await ask(socket, 1)
    error = await socket.receive()
    assert error["problem"]["status"] == 500
    assert "secret" not in json.dumps(error)
    await socket.disconnect()

"""Django behind uvicorn: one thread handles a request from the first middleware to the end of the answer."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest
from django.core.signals import request_finished, request_started
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import clear_url_caches, path
from django.utils import translation
from pytest_django import Settings

from webapp.http.threaded import ThreadedHandler

seen: list[tuple[str, int]] = []


def here(what: str) -> None:
    seen.append((what, threading.get_ident()))


def page(request: HttpRequest) -> HttpResponse:
    here("view")
    translation.activate("de")
    answer = HttpResponse(request.body[::-1], status=201, headers={"X-Word": "ue"})
    answer.set_cookie("one", "1")
    answer.set_cookie("two", "2")
    return answer


def pieces(request: HttpRequest) -> StreamingHttpResponse:
    def parts() -> Iterator[bytes]:
        for part in range(5):
            here("part")
            yield b"%d" % part * 50_000

    return StreamingHttpResponse(parts())


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("inside")


def language(request: HttpRequest) -> HttpResponse:
    return HttpResponse(translation.get_language())


urlpatterns = [path("page", page), path("pieces", pieces), path("broken", broken), path("language", language)]


@pytest.fixture(autouse=True)
def _site(settings: Any) -> Iterator[None]:
    settings.ROOT_URLCONF, settings.MIDDLEWARE, settings.ALLOWED_HOSTS = __name__, [], ["*"]
    seen.clear()
    signals = {request_started: "started", request_finished: "finished"}
    reported = {signal: lambda what=what, **_: here(what) for signal, what in signals.items()}
    for signal, receiver in reported.items():
        signal.connect(receiver)
    yield
    for signal, receiver in reported.items():
        signal.disconnect(receiver)


async def ask(method: str, path: str, body: bytes = b"") -> httpx.Response:
    site: Any = ThreadedHandler()
    transport = httpx.ASGITransport(site, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        return await client.request(method, path, content=body)


@pytest.mark.asyncio
async def test_an_answer_is_complete_and_from_one_thread() -> None:
    answer = await ask("POST", "/page", b"abc")
    assert (answer.status_code, answer.content) == (201, b"cba")
    assert answer.headers["X-Word"] == "ue"
    assert dict(answer.cookies) == {"one": "1", "two": "2"}
    assert [what for what, _ in seen] == ["started", "view", "finished"]
    threads = {thread for _, thread in seen}
    assert len(threads) == 1
    assert threading.get_ident() not in threads, "the event loop goes on"


@pytest.mark.asyncio
async def test_a_streamed_answer_is_read_where_its_connections_are() -> None:
    answer = await ask("GET", "/pieces")
    assert answer.content == b"".join(b"%d" % part * 50_000 for part in range(5))
    assert [what for what, _ in seen] == ["started", *["part"] * 5, "finished"]
    assert len({thread for _, thread in seen}) == 1


@pytest.mark.asyncio
async def test_a_view_that_fails_is_a_server_error_and_ends_its_request(settings: Settings) -> None:
    settings.DEBUG_PROPAGATE_EXCEPTIONS = False
    answer = await ask("GET", "/broken")
    assert answer.status_code == 500
    assert "inside" not in answer.text
    assert [what for what, _ in seen] == ["started", "finished"]


@pytest.mark.asyncio
async def test_a_request_leaves_nothing_to_the_next_in_its_thread() -> None:
    before = (await ask("GET", "/language")).text
    for _ in range(3):
        await ask("POST", "/page")
    assert (await ask("GET", "/language")).text == before


async def test_a_large_stream_is_sent_as_it_is_read() -> None:
    """Only a part of it is in memory: the second part is generated after the first was sent."""
    order: list[str] = []

    def parts() -> Iterator[bytes]:
        for number in range(3):
            order.append(f"made {number}")
            yield b"%d" % number

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(event: Mapping[str, Any]) -> None:
        if event.get("body"):
            order.append(f"sent {event['body'].decode()}")

    urlpatterns.append(path("export", lambda request: StreamingHttpResponse(parts())))
    clear_url_caches()
    scope = {"type": "http", "method": "GET", "path": "/export", "headers": [], "query_string": b""}
    await ThreadedHandler()(scope, receive, send)
    assert order == ["made 0", "sent 0", "made 1", "sent 1", "made 2", "sent 2"]

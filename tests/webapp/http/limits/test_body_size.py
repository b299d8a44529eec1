"""Limits on bodies, in front of Django."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import Client
from pytest_django import Settings

from webapp.accounts.authentication import is_operators
from webapp.accounts.models import User
from webapp.accounts.services import api_token_create
from webapp.http.limits import body_size
from webapp.http.limits.body_size import BodyLimit, WsgiBodyLimit, body_limit_bytes

SCOPE: Any = {"type": "http", "path": "/", "headers": []}


class Site:
    """Reads a whole body, as Django does."""

    def __init__(self) -> None:
        self.read, self.gone = 0, False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        while True:
            event = await receive()
            if event["type"] == "http.disconnect":
                self.gone = True
                return
            self.read += len(event["body"])
            if not event["more_body"]:
                return


async def _sent(path: str, chunks: list[bytes], declared: int | None, more: Any = ()) -> Any:
    site, answers = Site(), []
    headers = [] if declared is None else [(b"content-length", str(declared).encode())]
    headers += more
    events = iter(
        {"type": "http.request", "body": chunk, "more_body": n < len(chunks) - 1}
        for n, chunk in enumerate(chunks)
    )

    async def receive() -> Any:
        return next(events)

    async def send(event: Any) -> None:
        answers.append(event)

    scope: Any = {"type": "http", "method": "POST", "path": path, "headers": headers, "query_string": b""}
    await BodyLimit(site, is_operators)(scope, receive, send)
    return site, answers


@pytest.fixture(autouse=True)
def _small(settings: Settings) -> None:
    settings.IMAGE_MAX_BYTES = settings.JSON_MAX_BYTES = 1000
    settings.FEED_MAX_BYTES = 1_000_000


async def test_body_within_the_bound_passes() -> None:
    site, answers = await _sent("/api/v1/search", [b"x" * 500, b"x" * 500], 1000)
    assert (site.read, answers) == (1000, [])


async def test_body_with_too_large_a_declared_length_is_never_read() -> None:
    site, answers = await _sent("/api/v1/search", [b"x"], 10**12)
    assert site.read == 0
    assert answers[0]["status"] == 413
    assert json.loads(answers[1]["body"])["status"] == 413


async def test_body_that_turns_out_too_large_is_cut_off() -> None:
    site, _ = await _sent("/api/v1/search", [b"x" * 60_000] * 10, None)
    assert site.gone
    assert site.read <= body_limit_bytes("/api/v1/search")


UPLOAD = "/api/v1/catalog/imports/"
LARGE = [b"x" * 900_000]


@pytest.mark.parametrize(
    "header", [None, (b"cookie", b"sessionid=made-up"), (b"authorization", b"Bearer made-up")]
)
@pytest.mark.parametrize("declared", [900_000, None])
@pytest.mark.django_db(transaction=True)
@pytest.mark.one_store
async def test_anonymous_uploads_have_the_usual_limit(header: Any, declared: int | None) -> None:
    site, answers = await _sent(
        UPLOAD, LARGE, declared, [header] if header else [(b"transfer-encoding", b"chunked")]
    )
    assert site.read == 0
    assert site.gone or answers[0]["status"] == 413


@pytest.mark.parametrize("by", ["session", "token"])
@pytest.mark.django_db(transaction=True)
@pytest.mark.one_store
async def test_operators_may_send_large_feeds(operator: User, by: str) -> None:
    header = await sync_to_async(_credentials)(operator, by)
    site, answers = await _sent(UPLOAD, LARGE, 900_000, [header])
    assert (site.read, answers) == (900_000, [])


@pytest.mark.django_db(transaction=True)
@pytest.mark.one_store
async def test_concurrent_feeds_are_limited(operator: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body_size, "MAX_UPLOADS", 0)
    site, answers = await _sent(
        UPLOAD, LARGE, 900_000, [await sync_to_async(_credentials)(operator, "token")]
    )
    assert (site.read, answers[0]["status"]) == (0, 503)


def _credentials(user: User, by: str) -> tuple[bytes, bytes]:
    if by == "token":
        return b"authorization", f"Bearer {api_token_create(user=user, name='feeds')[1]}".encode()
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return b"cookie", f"sessionid={client.cookies['sessionid'].value}".encode()


@pytest.mark.parametrize(
    ("declared", "status"),
    [("101000", "200 OK"), ("101001", "413 Request Entity Too Large"), ("", "200 OK"), ("much", "200 OK")],
)
def test_the_same_bound_over_wsgi(declared: str, status: str) -> None:
    said = []

    def site(environ: Any, start_response: Any) -> Any:
        start_response("200 OK", [])
        return [b""]

    environ = {"PATH_INFO": "/api/v1/search", "CONTENT_LENGTH": declared}

    def start_response(status: str, headers: list[tuple[str, str]], *_: object) -> Callable[[bytes], object]:
        said.append((status, dict(headers)))
        return lambda body: None

    body = b"".join(WsgiBodyLimit(site, is_operators)(environ, start_response))
    assert said[0][0] == status
    if status.startswith("413"):
        assert json.loads(body)["status"] == 413
        assert said[0][1]["Content-Length"] == str(len(body))


@pytest.mark.django_db
def test_only_operators_may_send_large_feeds_over_wsgi(operator: User) -> None:
    said: list[str] = []

    def site(environ: Any, start_response: Any) -> Any:
        start_response("200 OK", [])
        return [b""]

    token = _credentials(operator, "token")[1].decode()
    for header in ({"HTTP_AUTHORIZATION": token}, {}):
        environ: dict[str, Any] = {"PATH_INFO": UPLOAD, "CONTENT_LENGTH": "900000", "REQUEST_METHOD": "POST"}
        environ |= {"wsgi.input": io.BytesIO(), **header}
        list(WsgiBodyLimit(site, is_operators)(environ, lambda status, headers, *_: said.append(status)))  # type: ignore[arg-type]
    assert said == ["200 OK", "413 Request Entity Too Large"]

"""The bounds on bodies, in front of Django."""

import asyncio
import json

import pytest

from webapp import body_limit
from webapp.body_limit import BodyLimit, WsgiBodyLimit, body_limit_bytes


class Site:
    """Reads a whole body, as Django does."""

    def __init__(self) -> None:
        self.read, self.gone = 0, False

    async def __call__(self, scope, receive, send):
        while True:
            event = await receive()
            if event["type"] == "http.disconnect":
                self.gone = True
                return
            self.read += len(event["body"])
            if not event["more_body"]:
                return


async def _sent(path: str, chunks: list[bytes], declared: int | None):
    site, answers = Site(), []
    headers = [] if declared is None else [(b"content-length", str(declared).encode())]
    events = iter(
        {"type": "http.request", "body": chunk, "more_body": n < len(chunks) - 1}
        for n, chunk in enumerate(chunks)
    )

    async def receive():
        return next(events)

    async def send(event):
        answers.append(event)

    await BodyLimit(site)({"type": "http", "path": path, "headers": headers}, receive, send)
    return site, answers


@pytest.fixture(autouse=True)
def _small(settings):
    settings.IMAGE_MAX_BYTES = settings.JSON_MAX_BYTES = 1000
    settings.FEED_MAX_BYTES = 1_000_000


async def test_body_within_the_bound_passes():
    site, answers = await _sent("/api/v1/search", [b"x" * 500, b"x" * 500], 1000)
    assert (site.read, answers) == (1000, [])


async def test_body_that_says_it_is_too_large_is_never_read():
    site, answers = await _sent("/api/v1/search", [b"x"], 10**12)
    assert site.read == 0
    assert answers[0]["status"] == 413
    assert json.loads(answers[1]["body"])["status"] == 413


async def test_body_that_turns_out_too_large_is_cut_off():
    site, _ = await _sent("/api/v1/search", [b"x" * 60_000] * 10, None)
    assert site.gone
    assert site.read <= body_limit_bytes("/api/v1/search")


@pytest.mark.parametrize(("paces_s", "kept"), [([0.0, 0.0, 0.0], True), ([0.0, 0.0, 60.0], False)])
async def test_body_that_trickles_is_cut_off(monkeypatch, paces_s, kept):
    monkeypatch.setattr(body_limit, "PATIENCE_S", 0.2)
    site, paces = Site(), iter(paces_s)

    async def receive():
        await asyncio.sleep(pace := next(paces))
        return {
            "type": "http.request",
            "body": b"x",
            "more_body": pace == 0.0 and site.read < len(paces_s) - 1,
        }

    await BodyLimit(site)({"type": "http", "path": "/", "headers": []}, receive, None)
    assert (site.gone, site.read) == (not kept, 3 if kept else 2)


async def test_nobody_is_cut_off_once_the_body_is_there(monkeypatch):
    """The application goes on listening for the client's leaving."""
    monkeypatch.setattr(body_limit, "PATIENCE_S", 0.05)
    events = [{"type": "http.request", "body": b"x", "more_body": False}]
    waited = []

    async def receive():
        if not events:
            await asyncio.sleep(0.3)
            waited.append(True)
        return events.pop() if events else {"type": "http.disconnect"}

    async def site(scope, receive, send):
        await receive()
        await receive()

    await BodyLimit(site)({"type": "http", "path": "/", "headers": []}, receive, None)
    assert waited


async def test_feeds_may_be_larger():
    site, answers = await _sent("/api/v1/catalog/imports/", [b"x" * 900_000], 900_000)
    assert (site.read, answers) == (900_000, [])


@pytest.mark.parametrize(
    ("declared", "status"),
    [("101000", "200 OK"), ("101001", "413 Request Entity Too Large"), ("", "200 OK"), ("much", "200 OK")],
)
def test_the_same_bound_over_wsgi(declared, status):
    said = []

    def site(environ, start_response):
        start_response("200 OK", [])
        return [b""]

    environ = {"PATH_INFO": "/api/v1/search", "CONTENT_LENGTH": declared}
    body = b"".join(
        WsgiBodyLimit(site)(environ, lambda status, headers: said.append((status, dict(headers))))
    )
    assert said[0][0] == status
    if status.startswith("413"):
        assert json.loads(body)["status"] == 413
        assert said[0][1]["Content-Length"] == str(len(body))

"""The time limit of a body, with a fake server; tests of real connections are in test_slow_clients."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from webapp.http.limits.body_timeout import BodyTimeout, Pace

SCOPE: Any = {"type": "http", "path": "/", "headers": []}
FAR = Pace(1000.0, 1.0)  # of two paces, the first that a body falls behind counts


async def answered(event: Any) -> None:
    """Take what the server sends."""


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


@pytest.mark.parametrize(("paces_s", "kept"), [([0.0, 0.0, 0.0], True), ([0.0, 0.0, 60.0], False)])
async def test_body_that_trickles_is_cut_off(paces_s: Any, kept: bool) -> None:
    site, paces = Site(), iter(paces_s)

    async def receive() -> Any:
        await asyncio.sleep(pace := next(paces))
        return {
            "type": "http.request",
            "body": b"x",
            "more_body": pace == 0.0 and site.read < len(paces_s) - 1,
        }

    await BodyTimeout(site, paces=[FAR, Pace(0.2, 10_000)])(SCOPE, receive, answered)
    assert (site.gone, site.read) == (not kept, 3 if kept else 2)


async def test_no_timeout_after_the_body_has_arrived() -> None:
    """The application keeps listening for the client's disconnect."""
    events = [{"type": "http.request", "body": b"x", "more_body": False}]
    waited = []

    async def receive() -> Any:
        if not events:
            await asyncio.sleep(0.3)
            waited.append(True)
        return events.pop() if events else {"type": "http.disconnect"}

    async def site(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await receive()

    await BodyTimeout(site, paces=[Pace(0.05, 10_000)])(SCOPE, receive, answered)
    assert waited

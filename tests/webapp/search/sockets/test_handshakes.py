"""Which WebSockets may be opened."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from pytest_django import Settings

from tests.support.websocket import Socket
from webapp.asgi import application
from webapp.search.sockets import handshakes
from webapp.search.sockets.limits import AddressRate, TokenBucket

pytestmark = pytest.mark.django_db(transaction=True)
HEADERS = [(b"host", b"testserver"), (b"origin", b"http://testserver")]
ADDRESS, NEIGHBOUR = "192.0.2.1", "192.0.2.2"


@pytest.fixture(autouse=True)
def _quick(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.ALLOWED_HOSTS = ["testserver"]
    settings.LIVE_SOCKETS_PER_ADDRESS = 3
    monkeypatch.setattr(handshakes, "BURST", 3)
    monkeypatch.setattr(handshakes, "PER_S", 0.01)
    monkeypatch.setattr(handshakes, "_DELAY_S", 0.0)


async def opens(address: str, path: str = "/ws/search/") -> bool:
    socket = Socket(application, path, HEADERS, client=address)
    accepted = await socket.connect()
    if accepted:
        await socket.receive()
        await socket.disconnect()
    return accepted


async def test_an_address_that_opens_sockets_over_and_over_is_refused_and_its_neighbour_is_not() -> None:
    assert [await opens(ADDRESS) for _ in range(5)] == [True, True, True, False, False]
    assert await opens(NEIGHBOUR)


async def test_a_refusal_reads_no_session(monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        await opens(ADDRESS)

    def read(*_: Any, **__: Any) -> Any:
        raise AssertionError("the session was read")

    monkeypatch.setattr("channels.auth.AuthMiddleware.__call__", read)
    assert not await opens(ADDRESS)


@pytest.mark.parametrize("path", ["/ws/x/", "/ws/runs/", "/ws/releases/", "/ws/runs/x/", "/"])
async def test_a_path_that_does_not_exist_is_refused_without_a_failure(
    path: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert not await opens(ADDRESS, path)
    assert not caplog.records


def test_addresses_whose_bucket_is_full_again_are_forgotten() -> None:
    now = 0.0
    rate = AddressRate(lambda: TokenBucket(per_s=1, burst=2, clock=lambda: now))
    for n in range(998):
        rate.take(str(n))
    now = 10.0
    rate.take("busy")
    rate.take("last")
    assert set(rate._buckets) == {"busy", "last"}

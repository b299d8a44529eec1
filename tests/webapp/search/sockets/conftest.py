"""Sockets of the live search, against the real ASGI application."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import Settings

from tests.support.websocket import Socket
from webapp.asgi import application

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

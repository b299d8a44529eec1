"""Pages that may open a WebSocket: those with the site's scheme, host and port, and trusted ones."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from pytest_django import Settings

from tests.support.websocket import Header, Socket
from webapp.asgi import application

pytestmark = pytest.mark.django_db(transaction=True)
ALLOWED = ["shop.example", "127.0.0.1"]


async def opens(origin: str | None, host: str = "shop.example", scheme: str = "ws", *further: Header) -> bool:
    headers = [(b"host", host.encode()), *further]
    if origin is not None:
        headers.append((b"origin", origin.encode()))
    socket = Socket(application, "/ws/search/", headers)
    socket.scope["scheme"] = scheme
    accepted = await socket.connect()
    if accepted:
        await socket.receive()
        await socket.disconnect()
    return accepted


@pytest.mark.parametrize(
    ("origin", "host", "scheme", "may"),
    [
        ("http://shop.example", "shop.example", "ws", True),
        ("https://shop.example", "shop.example", "wss", True),
        ("http://127.0.0.1:8000", "127.0.0.1:8000", "ws", True),
        ("http://127.0.0.1:9000", "127.0.0.1:8000", "ws", False),  # another server on the same machine
        ("http://shop.example:8080", "shop.example", "ws", False),
        ("http://shop.example", "shop.example", "wss", False),
        ("https://shop.example", "shop.example", "ws", False),
        ("http://other.shop.example", "shop.example", "ws", False),
        ("http://evil.example", "evil.example", "ws", False),  # a foreign name that resolves here
        ("null", "shop.example", "ws", False),
        ("http://[", "shop.example", "ws", False),
        ("", "shop.example", "ws", False),
        (None, "shop.example", "ws", False),
    ],
)
async def test_only_pages_of_the_same_origin(
    settings: Settings, origin: str | None, host: str, scheme: str, may: bool
) -> None:
    settings.ALLOWED_HOSTS = ALLOWED
    assert await opens(origin, host, scheme) is may


@pytest.mark.parametrize(
    ("origin", "may"),
    [
        ("https://partner.example", True),
        ("https://partner.example:8443", False),
        ("http://partner.example", False),
        ("https://a.brand.example", True),
    ],
)
async def test_trusted_origins_too(settings: Settings, origin: str, may: bool) -> None:
    settings.ALLOWED_HOSTS = ALLOWED
    settings.CSRF_TRUSTED_ORIGINS = ["https://partner.example", "https://*.brand.example"]
    assert await opens(origin) is may


@pytest.mark.parametrize(("proxies", "may"), [(0, False), (1, True)])
async def test_a_trusted_proxy_tells_the_scheme(settings: Settings, proxies: int, may: bool) -> None:
    settings.ALLOWED_HOSTS = ALLOWED
    settings.CONFIG = replace(settings.CONFIG, proxy_count=proxies)
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if proxies else None
    reported: Any = (b"x-forwarded-proto", b"https")
    assert await opens("https://shop.example", "shop.example", "ws", reported) is may


async def test_programs_without_an_origin_are_accepted_if_any_host_is(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    assert await opens(None)

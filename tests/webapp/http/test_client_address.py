"""One address for REST, axes, our own throttles and sockets, behind no, one or two proxies."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.test import Client, RequestFactory
from pytest_django import Settings

from tests.support.websocket import Socket
from webapp.accounts.models import User
from webapp.asgi import application
from webapp.http.api.throttles import ApiThrottle
from webapp.http.client_address import client_address, limited_address, socket_address

PEER = "198.51.100.1"
# PROXY_COUNT, X-Forwarded-For, and the actual client.
CASES = [
    (0, None, PEER),
    (0, "203.0.113.9", PEER),  # not trusted
    (1, None, PEER),  # bypassing the proxy
    (1, "203.0.113.9", "203.0.113.9"),
    (1, "1.1.1.1, 203.0.113.9", "203.0.113.9"),  # the client forged the left one
    (1, "1.1.1.1,2.2.2.2 ,203.0.113.9", "203.0.113.9"),
    (2, "203.0.113.9, 10.0.0.2", "203.0.113.9"),
    (2, "1.1.1.1, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
    (2, "203.0.113.9", "203.0.113.9"),  # bypassing the outer one
    (1, "203.0.113.9:4711", "203.0.113.9"),
    (1, "[2001:db8::7]:4711", "2001:db8::7"),
    (1, '"[2001:DB8::7]"', "2001:db8::7"),
    (1, "2001:db8::7", "2001:db8::7"),
    (1, "fe80::1%eth0", "fe80::1"),
    (1, "::ffff:203.0.113.9", "203.0.113.9"),
    (1, "unknown", PEER),
    (1, "203.0.113.9, _hidden", PEER),
    (1, "' OR 1=1 --", PEER),
    (1, " , ,", PEER),
]


@pytest.fixture
def behind(settings: Settings) -> Any:
    def behind(proxies: int) -> None:
        settings.CONFIG = replace(settings.CONFIG, proxy_count=proxies)

    return behind


@pytest.mark.parametrize(("proxies", "forwarded", "meant"), CASES)
def test_the_address_is_the_one_that_the_outermost_trusted_proxy_saw(
    behind: Any, proxies: int, forwarded: str | None, meant: str
) -> None:
    behind(proxies)
    headers = {} if forwarded is None else {"x-forwarded-for": forwarded}
    request = RequestFactory().get("/", headers=headers, REMOTE_ADDR=PEER)
    assert client_address(request) == meant
    scope = {
        "client": [PEER, 50_000],
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    assert socket_address(scope) == meant


def test_two_headers_are_read_as_one_list(behind: Any) -> None:
    behind(2)
    headers = [(b"x-forwarded-for", b"1.1.1.1, 203.0.113.9"), (b"x-forwarded-for", b"10.0.0.2")]
    assert socket_address({"client": [PEER, 1], "headers": headers}) == "203.0.113.9"


def test_peers_without_an_address_count_as_one_client(behind: Any) -> None:
    behind(0)
    assert client_address(RequestFactory().get("/", REMOTE_ADDR="")) == ""
    assert socket_address({"client": None, "headers": []}) == ""


def test_limits_count_an_ipv6_customer_by_network() -> None:
    assert (
        limited_address("2001:db8:1:2:aaaa::1") == limited_address("2001:db8:1:2::bbbb") == "2001:db8:1:2::"
    )
    assert limited_address("2001:db8:1:3::1") != limited_address("2001:db8:1:2::1")
    assert limited_address("203.0.113.9") == "203.0.113.9"


@pytest.mark.django_db
@pytest.mark.parametrize("proxies", [0, 1, 2])
def test_rest_counts_by_it_and_a_forged_header_does_not_escape(
    behind: Any, client: Client, monkeypatch: pytest.MonkeyPatch, proxies: int
) -> None:
    behind(proxies)
    monkeypatch.setattr(ApiThrottle, "rate", "2/min", raising=False)

    def ask(visitor: str, forged: str) -> int:
        seen = [forged, visitor, "10.0.0.2", "10.0.0.3"][: 1 + proxies]
        peer = visitor if proxies == 0 else "10.0.0.9"
        answer = client.get(
            "/api/v1/examples/", headers={"x-forwarded-for": ", ".join(seen)}, REMOTE_ADDR=peer
        )
        return answer.status_code

    assert [ask("203.0.113.9", f"1.1.1.{n}") for n in range(3)] == [200, 200, 429]
    assert ask("203.0.113.10", "1.1.1.1") == 200


@pytest.mark.django_db
@pytest.mark.parametrize("proxies", [0, 1, 2])
def test_axes_stores_it(behind: Any, client: Client, proxies: int) -> None:
    behind(proxies)
    forwarded = ["1.1.1.1", "203.0.113.9", "10.0.0.2"][: 1 + proxies]
    client.post(
        "/admin/login/",
        {"username": "someone", "password": "guess"},
        headers={"x-forwarded-for": ", ".join(forwarded)},
        REMOTE_ADDR="203.0.113.9" if proxies == 0 else "10.0.0.9",
    )
    assert AccessAttempt.objects.get().ip_address == "203.0.113.9"


@pytest.mark.django_db(transaction=True)
async def test_sockets_are_counted_by_it(behind: Any, settings: Settings) -> None:
    behind(1)
    settings.ALLOWED_HOSTS = ["testserver"]
    settings.LIVE_SOCKETS_PER_ADDRESS = 1

    async def greeting(forwarded: str) -> tuple[Socket, str]:
        headers = [
            (b"host", b"testserver"),
            (b"origin", b"http://testserver"),
            (b"x-forwarded-for", forwarded.encode()),
        ]
        socket = Socket(application, "/ws/search/", headers, client="10.0.0.9")
        async with asyncio.timeout(10):
            assert await socket.connect()
            return socket, (await socket.receive())["type"]

    first, greeted = await greeting("1.1.1.1, 203.0.113.9")
    second, refused = await greeting("2.2.2.2, 203.0.113.9")
    third, other = await greeting("1.1.1.1, 203.0.113.10")
    assert (greeted, refused, other) == ("hello", "error", "hello")
    for socket in (first, second, third):
        await socket.disconnect()


@pytest.mark.django_db
def test_an_operator_is_not_locked_out_from_elsewhere(client: Client, settings: Settings) -> None:
    settings.LOGINS_PER_MIN = 1000
    User.objects.create_superuser("kim", "a long enough one")

    def sign_in(name: str, password: str, address: str) -> int:
        form = {"username": name, "password": password}
        return client.post("/admin/login/?next=/admin/", form, REMOTE_ADDR=address).status_code

    for _ in range(settings.AXES_FAILURE_LIMIT + 3):
        sign_in("kim", "guess", "203.0.113.66")
    assert sign_in("kim", "a long enough one", "203.0.113.66") == 429
    assert sign_in("kim", "a long enough one", "203.0.113.7") == 302


@pytest.mark.django_db
def test_one_address_that_tries_many_names_is_locked_out_and_writes_no_more_rows(
    client: Client, settings: Settings
) -> None:
    settings.LOGINS_PER_MIN = 1000
    User.objects.create_superuser("kim", "a long enough one")
    for n in range(settings.AXES_FAILURE_LIMIT + 5):
        form = {"username": f"name-{n}", "password": "guess"}
        last = client.post("/admin/login/", form, REMOTE_ADDR=f"2001:db8:1:2::{n + 1}")
    assert last.status_code == 429
    assert AccessAttempt.objects.count() == settings.AXES_FAILURE_LIMIT

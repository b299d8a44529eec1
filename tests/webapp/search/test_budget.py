"""The budget of one address, over REST and WebSocket together."""

from __future__ import annotations

import json
from collections.abc import Iterator
from time import thread_time
from typing import Any

import numpy as np
import pytest
from django.test import override_settings
from rest_framework.test import APIClient
from rest_framework.throttling import SimpleRateThrottle

from tests.support.websocket import Socket
from webapp.asgi import application
from webapp.http.limits import budget, budget_guard
from webapp.http.limits.budget import WorkBudget, uncharged, work
from webapp.registry.models import Release
from webapp.search.apis import SearchApi

SMALL = {"width": 100, "height": 100, "strokes": [[[10, 10], [90, 90]]]}
ADDRESS = "192.0.2.1"


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_an_address_over_its_budget_waits_until_it_has_recovered() -> None:
    clock = Clock()
    one = WorkBudget(ms_per_s=200, burst_ms=1000, clock=clock)
    for _ in range(6):
        one.charge("a", 200)
    assert one.wait_s("a") == pytest.approx(1)
    assert one.wait_s("b") == 0
    clock.now += 0.5
    assert one.wait_s("a") == pytest.approx(0.5)
    clock.now += 60
    for _ in range(5):
        one.charge("a", 200)
    assert one.wait_s("a") == 0, "a burst is saved up again, and no more than that"
    one.charge("a", 200)
    assert one.wait_s("a") == pytest.approx(1)


def test_addresses_with_a_full_budget_are_forgotten() -> None:
    clock = Clock()
    one = WorkBudget(ms_per_s=200, burst_ms=1000, clock=clock)
    for n in range(999):
        one.charge(str(n), 1)
    clock.now += 60
    one.charge("last", 1)
    assert list(one._left) == ["last"]


def test_ordinary_work_is_free_and_the_rest_is_charged(monkeypatch: pytest.MonkeyPatch) -> None:
    spent = iter([1.0, 1.01, 2.0, 2.112, 3.0, 9.0])
    monkeypatch.setattr(budget, "thread_time", lambda: next(spent))
    one = WorkBudget(ms_per_s=200, burst_ms=1000, clock=Clock())
    for left in (1000, 900, 700):
        with one.charged("a", is_small=True):
            pass
        assert one._left_now("a") == pytest.approx(left)


@pytest.fixture
def in_debt() -> Iterator[None]:
    for _ in range(9):
        work.charge(ADDRESS, 200)
    yield
    work.reset()


@pytest.mark.usefixtures("in_debt")
def test_rest_refuses_only_addresses_over_their_budget(api: APIClient, release: Release) -> None:
    def search(address: str) -> Any:
        return api.post("/api/v1/search", {"sketch": SMALL}, format="json", REMOTE_ADDR=address)

    refused = search(ADDRESS)
    assert (refused.status_code, refused["Content-Type"]) == (429, "application/problem+json")
    assert 10 <= int(refused["Retry-After"]) <= 16
    shared = api.post("/api/v1/shares/", {"sketch": SMALL}, format="json", REMOTE_ADDR=ADDRESS)
    assert shared.status_code == 429
    assert search("192.0.2.2").status_code == 200


def test_ignoring_refusals_exceeds_the_budget(
    api: APIClient, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    scoped = SearchApi.throttle_classes[-2]
    monkeypatch.setattr(scoped, "THROTTLE_RATES", {**SimpleRateThrottle.THROTTLE_RATES, "search": "1/min"})
    for _ in range(50):
        api.post("/api/v1/search", {"sketch": SMALL}, format="json", REMOTE_ADDR=ADDRESS)
    assert work.wait_s(ADDRESS) > 0
    assert work.wait_s("192.0.2.2") == 0


@pytest.mark.parametrize(("n_points", "status"), [(20_000, 200), (40_000, 400)])
def test_giant_sketches_are_charged_answered_or_refused(
    api: APIClient, release: Release, monkeypatch: pytest.MonkeyPatch, n_points: int, status: int
) -> None:
    monkeypatch.setattr(budget, "thread_time", lambda: 20 * thread_time())  # as on a slow machine
    turns = np.linspace(0, 60, n_points)
    points = np.stack([50 + turns * np.cos(turns) / 2, 50 + turns * np.sin(turns) / 2], axis=1).round(2)
    giant: dict[str, Any] = {"width": 100, "height": 100, "strokes": np.split(points, n_points // 10_000)}
    giant["strokes"] = [stroke.tolist() for stroke in giant["strokes"]]
    answer = api.post("/api/v1/search", {"sketch": giant}, format="json", REMOTE_ADDR=ADDRESS)
    assert answer.status_code == status
    assert work._left_now(ADDRESS) < budget.BURST_MS - 50
    assert work._left_now("192.0.2.2") == budget.BURST_MS


@pytest.mark.asyncio
@pytest.mark.usefixtures("in_debt")
@pytest.mark.parametrize(
    ("method", "path", "n_bytes", "status"),
    [
        ("POST", "/api/v1/search", 100, 429),
        ("POST", "/api/v1/shares/", 100, 429),
        ("POST", "/api/v1/search/image", 100, 429),
        ("GET", "/api/v1/shares/abc/", 0, 200),
        ("POST", "/api/v1/campaigns/1/join", 100, 200),
        ("POST", "/api/v1/campaigns/1/join", 800_000, 429),
        ("POST", "/api/v1/sketches/", 800_000, 429),
    ],
)
async def test_requests_over_the_budget_are_refused_before_the_body_is_read(
    method: str, path: str, n_bytes: int, status: int
) -> None:
    async def site(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def unread() -> Any:
        raise AssertionError("the body was read")

    sent = []

    async def send(event: Any) -> None:
        sent.append(event)

    headers = [(b"content-length", str(n_bytes).encode())]
    scope: Any = {"type": "http", "method": method, "path": path, "headers": headers, "client": [ADDRESS, 1]}
    await budget_guard.BudgetGuard(site)(scope, unread, send)
    assert sent[0]["status"] == status
    if status == 429:
        assert dict(sent[0]["headers"])[b"retry-after"] in (b"11", b"12")
        assert json.loads(sent[1]["body"])["status"] == 429


@pytest.mark.django_db(transaction=True)
@pytest.mark.asyncio
async def test_a_socket_of_an_address_over_its_budget_is_answered_later(
    release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    for cost_ms in (200, 200, 200, 60):
        work.charge(ADDRESS, cost_ms)
    with override_settings(ALLOWED_HOSTS=["testserver"]):
        socket = Socket(
            application,
            "/ws/search/",
            [(b"origin", b"http://testserver"), (b"host", b"testserver")],
            client=ADDRESS,
        )
        assert await socket.connect()
        assert (await socket.receive())["type"] == "hello"
        await socket.send_text(json.dumps({"type": "query", "seq": 1, "sketch": SMALL}))
        assert await socket.says_nothing(0.3)
        assert (await socket.receive())["seq"] == 1
        await socket.disconnect()


def test_work_for_others_is_not_charged() -> None:
    charged = WorkBudget(ms_per_s=0.0, burst_ms=1000.0)

    def busy(for_s: float) -> None:
        ends = thread_time() + for_s
        while thread_time() < ends:
            pass

    with charged.charged(ADDRESS, is_small=False), uncharged():
        busy(0.1)
    assert charged._left_now(ADDRESS) > 950
    with charged.charged(ADDRESS, is_small=False):
        with uncharged():
            busy(0.1)
        busy(0.1)
    assert 850 < charged._left_now(ADDRESS) < 930

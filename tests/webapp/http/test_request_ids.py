"""X-Request-ID: accepted if well formed, included in every answer and log line, passed on to jobs."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest
import structlog
from celery.signals import after_task_publish
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from webapp.celery import app
from webapp.http.request_ids import RequestIdMiddleware, SocketRequestId, request_id

GIVEN = "0123456789abcdef0123456789abcdef"


def reported(client: Client, **headers: str) -> str:
    return str(client.get("/healthz", headers=headers)["X-Request-ID"])


def test_id_of_the_browser_is_kept(client: Client) -> None:
    assert reported(client, x_request_id=GIVEN) == GIVEN


@pytest.mark.parametrize(
    "wrong",
    ["", "short", "x" * 65, "a b c d e f", "line\nbreak8", '{"json": 1}', "-leading", "id;drop--", "é" * 9],
)
def test_anything_else_is_replaced(client: Client, wrong: str) -> None:
    found = reported(client, x_request_id=wrong) if wrong else reported(client)
    assert re.fullmatch(r"[0-9a-f]{32}", found)


def test_every_request_has_its_own(client: Client) -> None:
    assert reported(client) != reported(client)


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/nowhere/", "/api/v1/nowhere", "/admin/"])
def test_refusals_and_redirects_carry_it_too(client: Client, path: str) -> None:
    assert client.get(path, headers={"x-request-id": GIVEN})["X-Request-ID"] == GIVEN


@pytest.mark.django_db
def test_log_lines_of_a_request_hold_it(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def works(name: str, probe: object) -> bool:
        seen.append(request_id())
        return True

    monkeypatch.setattr("webapp.probes.health._works", works)
    client.get("/readyz", headers={"x-request-id": GIVEN})
    assert seen == [GIVEN] * len(seen)
    assert seen
    assert request_id() == ""  # and it is cleared afterwards


@pytest.mark.django_db
def test_log_lines_of_a_request_contain_no_address(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    bound = structlog.contextvars.get_contextvars

    def works(name: str, probe: object) -> bool:
        seen.append(str(bound()))
        return True

    monkeypatch.setattr("webapp.probes.health._works", works)
    client.get("/readyz", REMOTE_ADDR="203.0.113.7")
    assert seen
    assert not any("203.0.113.7" in line for line in seen)


def test_a_job_sent_in_a_request_carries_the_id() -> None:
    handed = []

    @app.task  # type: ignore[untyped-decorator]
    def noted_job() -> None: ...

    def ask(request: HttpRequest) -> HttpResponse:
        with structlog.contextvars.bound_contextvars(request_id=request.META["HTTP_X_REQUEST_ID"]):
            noted_job.delay()
        return HttpResponse()

    def published(headers: Any, **_: Any) -> None:
        handed.append(headers["__django_structlog__"]["request_id"])

    after_task_publish.connect(published)
    try:
        RequestIdMiddleware(ask)(RequestFactory().get("/", headers={"x-request-id": GIVEN}))
    finally:
        after_task_publish.disconnect(published)
    assert handed == [GIVEN]


@pytest.mark.parametrize(("sent", "kept"), [([(b"x-request-id", GIVEN.encode())], True), ([], False)])
def test_a_socket_keeps_one_id_while_it_is_open(sent: Any, kept: bool) -> None:
    seen = []

    async def consumer(scope: Any, receive: Any, send: Any) -> None:
        seen.append(request_id())
        await asyncio.create_task(later())

    async def later() -> None:
        seen.append(request_id())

    scope: Any = {"type": "websocket", "headers": sent}
    nobody: Any = None
    asyncio.run(SocketRequestId(consumer)(scope, nobody, nobody))
    assert seen[0] == seen[1]
    assert (seen[0] == GIVEN) is kept
    assert len(seen[0]) == 32

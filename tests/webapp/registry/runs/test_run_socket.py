"""The live page of a run: the state at once, then newer rows and lines, also after a lost socket."""

from __future__ import annotations

from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from tests.support.training import run_of
from tests.support.websocket import Socket
from webapp.accounts.consumers import CLOSE_FORBIDDEN
from webapp.accounts.models import User
from webapp.asgi import application
from webapp.registry.models import (
    DatasetSnapshot,
    GateReport,
    Release,
    RunLogLine,
    RunMetric,
    TrainingRun,
)
from webapp.registry.runs import consumers

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumers, "POLL_S", 0.05)


def socket_of(user: User | None, run_id: int) -> Socket:
    headers = [(b"origin", b"http://localhost"), (b"host", b"localhost")]
    if user:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        headers.append((b"cookie", f"sessionid={client.cookies['sessionid'].value}".encode()))
    return Socket(application, f"/ws/runs/{run_id}/", headers)


def rows(run: TrainingRun, *steps: int) -> int:
    """Add metric rows and log lines with those numbers. Return the last row's id."""
    for number in steps:
        row = RunMetric.objects.create(
            run=run, stage="run", step=number, at=timezone.now(), values={"loss": float(number)}
        )
        RunLogLine.objects.create(run=run, number=number, at=timezone.now(), text=f"line {number}")
    return row.pk


async def next_of(socket: Socket, kind: str) -> dict[str, Any]:
    while (message := await socket.receive())["type"] != kind:
        pass
    return message


async def test_a_page_gets_state_then_news_then_what_follows(
    operator: User, snapshot: DatasetSnapshot
) -> None:
    run = await sync_to_async(run_of)(snapshot)
    seen = await sync_to_async(rows)(run, 0, 1)
    await sync_to_async(rows)(run, 2)
    socket = await sync_to_async(socket_of)(operator, run.pk)
    assert await socket.connect()
    first = await socket.receive()
    assert (first["type"], first["run"]["id"], first["run"]["status"]) == ("state", run.pk, "queued")
    await socket.send_text(f'{{"type": "resume", "after_metric": {seen}, "after_log": 1}}')
    news = await next_of(socket, "metrics")
    assert [(row["stage"], row["step"], row["values"]) for row in news["rows"]] == [("run", 2, {"loss": 2.0})]
    assert [line["text"] for line in (await next_of(socket, "log"))["lines"]] == ["line 2"]
    last = await sync_to_async(rows)(run, 3)
    news = await next_of(socket, "metrics")
    assert (news["last_id"], [row["step"] for row in news["rows"]]) == (last, [3])
    await TrainingRun.objects.filter(pk=run.pk).aupdate(step=4, status="done")
    state = await next_of(socket, "state")
    assert (state["run"]["step"], state["run"]["status"]) == (4, "done")
    await socket.disconnect()


async def test_a_finished_run_is_notified_of_its_gate(
    operator: User, snapshot: DatasetSnapshot, release: Release
) -> None:
    """The gate finishes minutes after the run's last change; the page needs no reload."""
    run = await sync_to_async(run_of)(snapshot)
    await TrainingRun.objects.filter(pk=run.pk).aupdate(status="done")
    socket = await sync_to_async(socket_of)(operator, run.pk)
    assert await socket.connect()
    assert (await socket.receive())["run"]["gate"] is None
    gate = await GateReport.objects.acreate(release=release, run=run)
    reported = {"id": gate.pk, "release": release.pk, "status": "queued", "passed": None, "better": None}
    assert (await next_of(socket, "state"))["run"]["gate"] == reported
    await GateReport.objects.filter(pk=gate.pk).aupdate(status="done", passed=True, better=True)
    assert (await next_of(socket, "state"))["run"]["gate"] == {
        **reported,
        "status": "done",
        "passed": True,
        "better": True,
    }
    await socket.disconnect()


async def test_a_silent_page_gets_only_the_state(operator: User, snapshot: DatasetSnapshot) -> None:
    run = await sync_to_async(run_of)(snapshot)
    await sync_to_async(rows)(run, 0)
    socket = await sync_to_async(socket_of)(operator, run.pk)
    assert await socket.connect()
    await socket.receive()
    assert await socket.says_nothing(0.3)
    await socket.disconnect()


async def test_a_database_that_fails_closes_the_socket_so_that_the_page_comes_again(
    operator: User, snapshot: DatasetSnapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = await sync_to_async(run_of)(snapshot)
    socket = await sync_to_async(socket_of)(operator, run.pk)
    assert await socket.connect()
    await socket.receive()

    def away(*_: object) -> None:
        raise OperationalError("the database is away")

    monkeypatch.setattr(consumers, "runs_listed", away)
    while (closed := await socket.event(10))["type"] == "websocket.send":
        pass
    assert closed["code"] == 1011


@pytest.mark.parametrize(
    "text", ["", "[", "[]", '{"type": "go"}', '{"type": "resume", "after_metric": "1"}', "9" * 5000]
)
async def test_an_invalid_message_closes_the_socket(
    operator: User, snapshot: DatasetSnapshot, text: str
) -> None:
    run = await sync_to_async(run_of)(snapshot)
    socket = await sync_to_async(socket_of)(operator, run.pk)
    assert await socket.connect()
    await socket.receive()
    await socket.send_text(text)
    assert (await socket.event(5))["code"] == consumers.CLOSE_BAD_MESSAGE


async def test_strangers_and_unknown_runs_are_refused(
    operator: User, stranger: User, snapshot: DatasetSnapshot
) -> None:
    run = await sync_to_async(run_of)(snapshot)
    for user, run_id, code in (
        (stranger, run.pk, CLOSE_FORBIDDEN),
        (None, run.pk, CLOSE_FORBIDDEN),
        (operator, 4711, consumers.CLOSE_NOT_FOUND),
    ):
        socket = await sync_to_async(socket_of)(user, run_id)
        await socket.connect()
        assert (await socket.event(5))["code"] == code

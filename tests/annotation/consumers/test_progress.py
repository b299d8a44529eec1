"""/ws/campaigns/{id}/ through the real ASGI application: operator, other user, anonymous."""

from __future__ import annotations

import asyncio

import pytest
from channels.db import database_sync_to_async
from django.conf import settings
from django.test import Client
from django.utils import timezone

from annotation.consumers import progress
from annotation.services.work.claims import assignments_claim
from annotation.services.work.votes import Answer, vote_cast
from tests.support.crowd import key, make_campaign, make_enrolment
from tests.support.websocket import Socket
from webapp.accounts.consumers import CLOSE_FORBIDDEN
from webapp.accounts.models import User
from webapp.asgi import application

pytestmark = pytest.mark.django_db(transaction=True)


def opened(user: User | None, campaign_id: int) -> Socket:
    client = Client()
    if user:
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    cookie = (
        f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}" if user else ""
    )
    headers = [(b"origin", b"http://localhost"), (b"host", b"localhost"), (b"cookie", cookie.encode())]
    return Socket(application, f"/ws/campaigns/{campaign_id}/", headers)


async def test_an_operator_sees_a_vote_stored_by_another_process(
    operator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "POLL_S", 0.05)
    campaign = await database_sync_to_async(make_campaign)(2)
    socket = await database_sync_to_async(opened)(operator, campaign.pk)
    assert await socket.connect()
    first = await socket.receive()
    assert (first["type"], first["n_votes"], first["n_tasks"]) == ("progress", 0, 2)

    def vote() -> None:
        enrolment, now = make_enrolment(campaign), timezone.now()
        (assignment,) = assignments_claim(enrolment_id=enrolment.pk, now=now).assignments
        answer = Answer("left", key())
        vote_cast(worker=enrolment.worker, assignment_id=assignment.pk, answer=answer, now=now)

    await database_sync_to_async(vote)()
    async with asyncio.timeout(10):
        while (await socket.receive())["n_votes"] != 1:
            pass
    await socket.disconnect()


@pytest.mark.parametrize("who", ["stranger", None])
async def test_others_are_refused(who: str | None, stranger: User) -> None:
    campaign = await database_sync_to_async(make_campaign)(1)
    socket = await database_sync_to_async(opened)(stranger if who else None, campaign.pk)
    assert await socket.connect()
    closed = await socket.receive_output(5)
    assert closed == {"type": "websocket.close", "code": CLOSE_FORBIDDEN}


async def test_an_unknown_campaign_closes_the_socket(operator: User) -> None:
    socket = await database_sync_to_async(opened)(operator, 10**6)
    assert await socket.connect()
    assert (await socket.receive_output(5))["code"] == progress.CLOSE_NOT_FOUND

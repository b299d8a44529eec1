"""An operator's open socket is closed when the permission ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from asgiref.sync import sync_to_async
from django.test import Client

from tests.support.crowd import make_campaign
from tests.support.training import run_of
from tests.support.websocket import Socket
from webapp.accounts import consumers
from webapp.accounts.models import User
from webapp.accounts.personal_data import personal_data_erase
from webapp.asgi import application
from webapp.registry.models import DatasetSnapshot

pytestmark = pytest.mark.django_db(transaction=True)
BACKEND = "django.contrib.auth.backends.ModelBackend"


def _deactivate(user: User, browser: Client) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


def _demote(user: User, browser: Client) -> None:
    User.objects.filter(pk=user.pk).update(role=User.Role.VISITOR)


def _change_password(user: User, browser: Client) -> None:
    user.set_password("another long one")
    user.save()


def _log_out(user: User, browser: Client) -> None:
    browser.post("/admin/logout/")


def _erase(user: User, browser: Client) -> None:
    personal_data_erase(user=user)


def _paths(snapshot: DatasetSnapshot) -> list[str]:
    return [f"/ws/campaigns/{make_campaign(1).pk}/", f"/ws/runs/{run_of(snapshot).pk}/"]


def _opened(browser: Client, path: str) -> Socket:
    cookie = f"sessionid={browser.cookies['sessionid'].value}".encode()
    headers = [(b"origin", b"http://localhost"), (b"host", b"localhost"), (b"cookie", cookie)]
    return Socket(application, path, headers)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumers, "RECHECK_S", 0.05)


@pytest.mark.parametrize("end", [_deactivate, _demote, _change_password, _log_out, _erase])
async def test_it_ends_with_the_account_the_role_the_password_or_the_session(
    operator: User, snapshot: DatasetSnapshot, end: Callable[[User, Client], None]
) -> None:
    browser = Client()
    await sync_to_async(browser.force_login)(operator, backend=BACKEND)
    sockets = [_opened(browser, path) for path in await sync_to_async(_paths)(snapshot)]
    for socket in sockets:
        assert await socket.connect()
        await socket.receive()
        assert await socket.says_nothing(0.3)  # checked several times in the meantime
    await sync_to_async(end)(operator, browser)
    for socket in sockets:
        async with asyncio.timeout(10):
            while (closed := await socket.event(10))["type"] == "websocket.send":
                pass
        assert closed == {"type": "websocket.close", "code": consumers.CLOSE_FORBIDDEN}
        await socket.disconnect()

"""What every WebSocket for operators shares: who may open it, and that it ends when the right to it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from importlib import import_module
from typing import Any

import structlog
from channels.auth import get_user
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings

from webapp.accounts.models import User

RECHECK_S = 5.0
CLOSED_FOR_TROUBLE = 1011  # of ours
CLOSED_FOR_STRANGERS = 4403
log = structlog.get_logger(__name__)


class OperatorConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels is untyped
    """Open as long as the session that opened it is an operator's, which is read again every `RECHECK_S` seconds.

    So it closes with `CLOSED_FOR_STRANGERS` after a logout, a new password, another role or a deactivated account.
    """

    async def connect(self) -> None:
        self._running: set[asyncio.Task[None]] = set()
        await self.accept()
        if not await _is_operators(self.scope):
            await self.close(CLOSED_FOR_STRANGERS)
            return
        self.run_beside(self._recheck())
        await self.opened()

    async def opened(self) -> None:
        """Called once an operator's socket is open."""
        raise NotImplementedError

    async def disconnect(self, code: int) -> None:
        self._stop()

    def run_beside(self, work: Coroutine[Any, Any, None]) -> None:
        """Runs `work` while the socket is open. What fails ends the socket, so that the page comes again."""
        self._running.add(asyncio.create_task(self._guarded(work)))

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception as error:
            log.warning("socket_failed", path=self.scope["path"], error=f"{type(error).__name__}: {error}")
            self._stop()
            await self.close(CLOSED_FOR_TROUBLE)

    async def _recheck(self) -> None:
        while await _is_operators(self.scope):
            await asyncio.sleep(RECHECK_S)
        self._stop()
        await self.close(CLOSED_FOR_STRANGERS)

    def _stop(self) -> None:
        """Ends what runs beside the socket, except the task that asks for it."""
        for task in self._running - {asyncio.current_task()}:
            task.cancel()


async def _is_operators(scope: Mapping[str, Any]) -> bool:
    """Whether the session named by the socket's cookie is an operator's now."""
    key = scope["cookies"].get(settings.SESSION_COOKIE_NAME)
    if not key:
        return False
    store = import_module(settings.SESSION_ENGINE).SessionStore
    user = await get_user({"session": store(key)})
    return isinstance(user, User) and user.is_operator

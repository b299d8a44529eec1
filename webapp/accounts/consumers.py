"""The base of every WebSocket for operators: who may open it, and when it is closed."""

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
CLOSE_ERROR = 1011  # an error on our side
CLOSE_FORBIDDEN = 4403
log = structlog.get_logger(__name__)


class OperatorConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels is untyped
    """A WebSocket that stays open while its session belongs to an operator, which is checked every `RECHECK_S` seconds.

    It closes with `CLOSE_FORBIDDEN` after a logout, a new password, another role or the account's deactivation.
    """

    async def connect(self) -> None:
        self._running: set[asyncio.Task[None]] = set()
        await self.accept()
        if not await _is_operators(self.scope):
            await self.close(CLOSE_FORBIDDEN)
            return
        self.run_in_background(self._recheck())
        await self.opened()

    async def opened(self) -> None:
        """Called once an operator's socket is open."""
        raise NotImplementedError

    async def disconnect(self, code: int) -> None:
        self._stop()

    def run_in_background(self, work: Coroutine[Any, Any, None]) -> None:
        """Run `work` while the socket is open. A failure closes the socket, so that the page reconnects."""
        self._running.add(asyncio.create_task(self._guarded(work)))

    async def _guarded(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except Exception as error:
            log.warning("socket_failed", path=self.scope["path"], error=f"{type(error).__name__}: {error}")
            self._stop()
            await self.close(CLOSE_ERROR)

    async def _recheck(self) -> None:
        while await _is_operators(self.scope):
            await asyncio.sleep(RECHECK_S)
        self._stop()
        await self.close(CLOSE_FORBIDDEN)

    def _stop(self) -> None:
        """Cancel the background tasks, except the one that calls this."""
        for task in self._running - {asyncio.current_task()}:
            task.cancel()


async def _is_operators(scope: Mapping[str, Any]) -> bool:
    """Return whether the session named by the socket's cookie belongs to an operator."""
    key = scope["cookies"].get(settings.SESSION_COOKIE_NAME)
    if not key:
        return False
    store = import_module(settings.SESSION_ENGINE).SessionStore
    user = await get_user({"session": store(key)})
    return isinstance(user, User) and user.is_operator

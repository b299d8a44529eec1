"""A run in progress, for operators: `/ws/runs/{id}/`.

The rows are polled once per second, so it does not matter which worker writes them. A page that lost its socket sends
what it saw last and misses nothing.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from channels.db import database_sync_to_async
from django.core.serializers.json import DjangoJSONEncoder

from webapp.accounts.consumers import OperatorConsumer
from webapp.input.parsing import parse_json
from webapp.input.text import InputError
from webapp.registry.runs.messages import LogMessage, MetricsMessage, StateMessage
from webapp.registry.runs.selectors import gate_of, log_after, metric_rows_after, runs_listed
from webapp.registry.runs.serializers import BIGGEST, RunSerializer

POLL_S = 1.0
CLOSE_NOT_FOUND = 4404
CLOSE_BAD_MESSAGE = 4400
_MESSAGE_MAX = 1000


class RunConsumer(OperatorConsumer):
    """Sends `state` at once and after every change; after a `resume`, also rows and lines that the page lacks.

    Messages are the TypedDicts of `messages`. The state includes the gate once the run is done.
    """

    async def connect(self) -> None:
        self._metric: int | None = None  # the last row that the page has
        self._log: int | None = None
        self._resumed = asyncio.Event()
        await super().connect()

    async def opened(self) -> None:
        run_id: int = self.scope["url_route"]["kwargs"]["run_id"]
        first = await _state(run_id)
        if first is None:
            await self.close(CLOSE_NOT_FOUND)
            return
        await self._send({"type": "state", "run": first})
        self.run_in_background(self._follow(run_id, first))

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        try:
            if text_data is None or len(text_data) > _MESSAGE_MAX:
                raise ValueError("expected a short text")
            request = parse_json(text_data, "message")
            if request["type"] != "resume":
                raise ValueError("only resume is supported")
            self._metric, self._log = _number(request["after_metric"]), _number(request["after_log"])
        except (InputError, ValueError, KeyError, TypeError):
            await self.close(CLOSE_BAD_MESSAGE)
        else:
            self._resumed.set()

    async def _follow(self, run_id: int, sent: Mapping[str, Any]) -> None:
        while True:
            state = await _state(run_id)
            if state and state != sent:
                await self._send({"type": "state", "run": state})
                sent = state
            while await self._send_news(run_id):
                pass
            self._resumed.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._resumed.wait(), POLL_S)

    async def _send_news(self, run_id: int) -> bool:
        """Send what is newer than the page has. Return whether there was anything."""
        if self._metric is None or self._log is None:
            return False
        metric, log = self._metric, self._log
        last_id, rows = await database_sync_to_async(metric_rows_after)(run_id, metric)
        lines = await database_sync_to_async(log_after)(run_id, log)
        if (self._metric, self._log) != (metric, log):  # the page sent another resume in the meantime
            return True
        if rows:
            self._metric = last_id
            await self._send({"type": "metrics", "last_id": last_id, "rows": rows})
        if lines:
            self._log = lines[-1]["number"]
            await self._send({"type": "log", "lines": lines})
        return bool(rows or lines)

    async def _send(self, message: StateMessage | MetricsMessage | LogMessage) -> None:
        await self.send(json.dumps(message, cls=DjangoJSONEncoder))


def _number(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not -1 <= value <= BIGGEST:
        raise ValueError("expected a whole number")
    return value


@database_sync_to_async  # type: ignore[untyped-decorator]
def _state(run_id: int) -> dict[str, Any] | None:
    run = runs_listed().filter(pk=run_id).first()
    return {**RunSerializer(run).data, "gate": gate_of(run)} if run else None

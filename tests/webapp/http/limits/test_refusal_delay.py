"""Answers with status 429 are delayed; all others are sent at once."""

from __future__ import annotations

from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator

from webapp.http.limits import refusal_delay
from webapp.http.limits.refusal_delay import RefusalDelay


@pytest.mark.parametrize(("status", "waits"), [(200, False), (404, False), (503, False), (429, True)])
async def test_only_throttled_requests_are_delayed(
    monkeypatch: pytest.MonkeyPatch, status: int, waits: bool
) -> None:
    monkeypatch.setattr(refusal_delay, "DELAY_S", 0.5)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    client = ApplicationCommunicator(RefusalDelay(app), {"type": "http"})
    await client.send_input({"type": "http.request"})
    assert await client.receive_nothing(0.1) is waits
    assert (await client.receive_output(5))["status"] == status

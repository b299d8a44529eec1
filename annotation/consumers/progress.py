"""Live progress of a campaign for operators: `/ws/campaigns/{id}/`.

Reads the rows once per second and sends what changed. Unlike messages between processes, rows cannot be lost, and it
does not matter which process stored an answer.
"""

from __future__ import annotations

import asyncio
import json
from typing import Literal

from channels.db import database_sync_to_async
from django.utils import timezone

from annotation.models import Campaign
from annotation.selectors.progress import ProgressPayload, progress_of
from webapp.accounts.consumers import OperatorConsumer

POLL_S = 1.0
CLOSE_NOT_FOUND = 4404


class ProgressMessage(ProgressPayload):
    type: Literal["progress"]


class CampaignConsumer(OperatorConsumer):
    """Send a `ProgressMessage` on connection and after every change; ignore incoming messages."""

    async def opened(self) -> None:
        campaign_id: int = self.scope["url_route"]["kwargs"]["campaign_id"]
        first = await _progress(campaign_id)
        if first is None:
            await self.close(CLOSE_NOT_FOUND)
            return
        await self._send_progress(first)
        self.run_in_background(self._follow(campaign_id, first))

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Ignore incoming messages."""

    async def _follow(self, campaign_id: int, sent: ProgressPayload) -> None:
        while True:
            await asyncio.sleep(POLL_S)
            progress = await _progress(campaign_id)
            if progress and progress != sent:
                await self._send_progress(progress)
                sent = progress

    async def _send_progress(self, progress: ProgressPayload) -> None:
        message: ProgressMessage = {"type": "progress", **progress}
        await self.send(json.dumps(message))


@database_sync_to_async  # type: ignore[untyped-decorator]
def _progress(campaign_id: int) -> ProgressPayload | None:
    campaign = Campaign.objects.filter(pk=campaign_id).first()
    return progress_of(campaign, now=timezone.now()) if campaign else None

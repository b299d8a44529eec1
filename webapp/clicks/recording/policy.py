"""Whether clicks are recorded: the operator's setting, and what a visitor agreed to."""

from __future__ import annotations

from typing import Literal, TypedDict, cast

from django.conf import settings

Mode = Literal["off", "ask", "on"]


class RecordingPayload(TypedDict):
    """What the draw page needs to know. days: how long rows are kept; 0: until the operator deletes them. learns: whether
    kept drawings may become training data, which outlives them.
    """

    mode: Mode
    days: int
    learns: bool


def recording() -> RecordingPayload:
    """Return the site's setting."""
    return {
        "mode": cast(Mode, settings.RECORD_CLICKS),
        "days": settings.CLICK_DAYS,
        "learns": settings.LEARN_FROM_CLICKS,
    }


def may_record(visit: str) -> bool:
    """Return whether an answer gets an id. If visitors are asked, a page sends `visit` only after they agreed."""
    return settings.RECORD_CLICKS == "on" or (settings.RECORD_CLICKS == "ask" and bool(visit))

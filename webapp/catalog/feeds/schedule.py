"""When a feed is fetched next."""

from __future__ import annotations

from datetime import datetime, timedelta

_RETRY, _MAX_WAIT = timedelta(minutes=5), timedelta(hours=24)


def next_fetch(now: datetime, every_h: int) -> datetime:
    """Return when a feed is due after a fetch that succeeded."""
    return now + timedelta(hours=every_h)


def next_attempt(
    now: datetime, every_h: int, failures: int, *, transient: bool, retry_after_s: float | None = None
) -> datetime:
    """Return when a feed is due after so many failures in a row: 5, 10, 20 ... minutes later if they may pass.

    Others come back at the regular time, then after twice as long. A day at most; later only if its server asks for it.
    """
    first = _RETRY if transient else timedelta(hours=every_h)
    wait = min(first * (1 << min(max(failures - 1, 0), 10)), _MAX_WAIT)
    return now + max(wait, timedelta(seconds=retry_after_s or 0.0))

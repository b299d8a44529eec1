"""Rate limits per socket and per address."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from time import monotonic

_CLEAN_EVERY = 1_000  # tokens taken


class TokenBucket:
    """Allows `burst` at once and `per_s` per second in the long run."""

    def __init__(self, *, per_s: float, burst: float, clock: Callable[[], float] = monotonic) -> None:
        self._per_s, self._burst, self._clock = per_s, burst, clock
        self._tokens, self._filled_at = burst, clock()

    def take(self) -> float:
        """Take a token and return 0. If there is none, return the seconds until there is."""
        self._fill()
        if self._tokens < 1:
            return (1 - self._tokens) / self._per_s
        self._tokens -= 1
        return 0.0

    def is_full(self) -> bool:
        self._fill()
        return self._tokens >= self._burst

    def _fill(self) -> None:
        now = self._clock()
        self._tokens = min(self._burst, self._tokens + (now - self._filled_at) * self._per_s)
        self._filled_at = now


class AddressRate:
    """A token bucket for each address; full buckets are dropped."""

    def __init__(self, make_bucket: Callable[[], TokenBucket]) -> None:
        self._make_bucket = make_bucket
        self._buckets: dict[str, TokenBucket] = {}
        self._taken = 0

    def take(self, address: str) -> float:
        """Like `TokenBucket.take`."""
        self._taken += 1
        if self._taken % _CLEAN_EVERY == 0:
            self._buckets = {one: bucket for one, bucket in self._buckets.items() if not bucket.is_full()}
        if address not in self._buckets:
            self._buckets[address] = self._make_bucket()
        return self._buckets[address].take()

    def reset(self) -> None:
        """Restore every address's full bucket."""
        self._buckets.clear()


class OpenSockets:
    """Counts the open sockets of each address in this process."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()

    def enter(self, address: str, limit: int) -> bool:
        """Count one more socket, unless there are `limit` already."""
        if self._open[address] >= limit:
            return False
        self._open[address] += 1
        return True

    def leave(self, address: str) -> None:
        self._open[address] -= 1
        if self._open[address] <= 0:
            del self._open[address]

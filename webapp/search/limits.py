"""How much one socket and one address may ask for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from time import monotonic


class TokenBucket:
    """Allows `burst` at once and `per_s` a second in the long run."""

    def __init__(self, *, per_s: float, burst: float, clock: Callable[[], float] = monotonic) -> None:
        self._per_s, self._burst, self._clock = per_s, burst, clock
        self._tokens, self._filled_at = burst, clock()

    def take(self) -> float:
        """Takes a token. 0 where there was one; else takes none and tells the seconds until there is."""
        now = self._clock()
        self._tokens = min(self._burst, self._tokens + (now - self._filled_at) * self._per_s)
        self._filled_at = now
        if self._tokens < 1:
            return (1 - self._tokens) / self._per_s
        self._tokens -= 1
        return 0.0


class OpenSockets:
    """Counts the open sockets of each address in this process."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()

    def enter(self, address: str, most: int) -> bool:
        """Counts one more, unless there are `most` already."""
        if self._open[address] >= most:
            return False
        self._open[address] += 1
        return True

    def leave(self, address: str) -> None:
        self._open[address] -= 1
        if self._open[address] <= 0:
            del self._open[address]

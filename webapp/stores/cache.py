"""The cache on Redis, which the site can do without for a while: counts of requests, figures kept for a moment."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from time import monotonic
from typing import Any, TypeVar

import structlog
from django.core.cache import DEFAULT_CACHE_ALIAS, caches
from django.core.cache.backends.redis import RedisCache
from redis import Redis
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)
ResultT = TypeVar("ResultT")
_PAUSE_S = 1.0


def times_counted(key: str, timeout: int) -> int:
    """How often it was called for `key`, this time included, within `timeout` seconds of the first."""
    store = caches[DEFAULT_CACHE_ALIAS]
    if isinstance(store, ForgetfulRedisCache):
        return store.count(key, timeout)
    store.add(key, 0, timeout)
    try:
        return store.incr(key)
    except ValueError:  # forgotten between the two
        return 1


def amount_counted(key: str, amount: int, timeout: int) -> int:
    """The sum of what was counted for `key`, this amount included, within `timeout` seconds of the first."""
    store = caches[DEFAULT_CACHE_ALIAS]
    store.add(key, 0, timeout)
    try:
        return store.incr(key, amount)
    except ValueError:  # forgotten between the two
        return amount


class ForgetfulRedisCache(RedisCache):
    """Redis while it answers; an empty cache that keeps nothing while it does not.

    Asked at most once a second while it is away, so that no request waits for it.
    """

    _ask_again = 0.0

    def add(self, *args: Any, **kwargs: Any) -> bool:
        return self._tried(super().add, True, *args, **kwargs)

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return self._tried(super().get, default, key, default, version)

    def set(self, *args: Any, **kwargs: Any) -> None:
        self._tried(super().set, None, *args, **kwargs)

    def touch(self, *args: Any, **kwargs: Any) -> bool:
        return self._tried(super().touch, False, *args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> bool:
        return self._tried(super().delete, False, *args, **kwargs)

    def get_many(self, *args: Any, **kwargs: Any) -> dict[Any, Any]:
        return self._tried(super().get_many, {}, *args, **kwargs)

    def has_key(self, *args: Any, **kwargs: Any) -> bool:
        return self._tried(super().has_key, False, *args, **kwargs)

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        return self._tried(super().incr, delta, key, delta, version)

    def set_many(self, *args: Any, **kwargs: Any) -> list[Any]:
        return self._tried(super().set_many, [], *args, **kwargs)

    def delete_many(self, *args: Any, **kwargs: Any) -> None:
        self._tried(super().delete_many, None, *args, **kwargs)

    def count(self, key: str, timeout: int) -> int:
        """One more for `key`, which begins at 0 and is forgotten after `timeout` seconds; in one round trip."""
        return self._tried(self._count, 1, self.make_and_validate_key(key), timeout)

    def _count(self, key: str, timeout: int) -> int:
        together = self._client.pipeline(transaction=False)
        together.set(key, 0, ex=timeout, nx=True)
        together.incr(key)
        return int(together.execute()[-1])

    @cached_property
    def _client(self) -> Redis:
        return self._cache.get_client(write=True)

    def _tried(self, call: Callable[..., ResultT], otherwise: ResultT, *args: Any, **kwargs: Any) -> ResultT:
        if monotonic() < ForgetfulRedisCache._ask_again:
            return otherwise
        try:
            return call(*args, **kwargs)
        except (RedisError, OSError) as error:
            log.warning("cache_unreachable", error=str(error))
            ForgetfulRedisCache._ask_again = (
                monotonic() + _PAUSE_S
            )  # for all of the process, whatever the thread
            return otherwise

"""The cache on Redis, which the site can do without for a while: counters of requests, and cached figures."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from time import monotonic
from typing import Any, ClassVar, TypeVar

import structlog
from django.core.cache import DEFAULT_CACHE_ALIAS, caches
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis import Redis
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)
ResultT = TypeVar("ResultT")
_RETRY_S = 1.0


def counter_increment(key: str, timeout: int) -> int:
    """Increment the counter `key`, which expires `timeout` seconds after its first use. Return its value."""
    store = caches[DEFAULT_CACHE_ALIAS]
    if isinstance(store, OptionalRedisCache):
        return store.count(key, timeout)
    store.add(key, 0, timeout)
    try:
        return store.incr(key)
    except ValueError:  # expired between the two
        return 1


def counter_add(key: str, amount: int, timeout: int) -> int:
    """Add `amount` to the counter `key`, which expires `timeout` seconds after its first use. Return its value."""
    store = caches[DEFAULT_CACHE_ALIAS]
    store.add(key, 0, timeout)
    try:
        return store.incr(key, amount)
    except ValueError:  # expired between the two
        return amount


class SharedClient(RedisCacheClient):
    """A client whose connections outlive the request.

    Django makes a cache per context, which over ASGI is one per request: each would connect to Redis anew.
    """

    _made: ClassVar[dict[tuple[str, bool], Redis]] = {}
    _making = Lock()

    def __init__(self, servers: list[str], **options: Any) -> None:
        super().__init__(servers, **options)
        self._name = f"{servers} {options}"

    def get_client(self, key: Any = None, *, write: bool = False) -> Redis:
        """Return the process's client of the server, which threads may share."""
        of = (self._name, write)
        if of not in self._made:
            with self._making:
                self._made.setdefault(of, super().get_client(key, write=write))
        return self._made[of]


class OptionalRedisCache(RedisCache):
    """Redis while it answers; an empty cache that stores nothing while it does not.

    It is tried at most once per second while unavailable, so that no request waits for it.
    """

    _retry_at = 0.0

    def __init__(self, server: str | list[str], params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = SharedClient

    def add(self, *args: Any, **kwargs: Any) -> bool:
        return self._try(super().add, True, *args, **kwargs)

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return self._try(super().get, default, key, default, version)

    def set(self, *args: Any, **kwargs: Any) -> None:
        self._try(super().set, None, *args, **kwargs)

    def touch(self, *args: Any, **kwargs: Any) -> bool:
        return self._try(super().touch, False, *args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> bool:
        return self._try(super().delete, False, *args, **kwargs)

    def get_many(self, *args: Any, **kwargs: Any) -> dict[Any, Any]:
        return self._try(super().get_many, {}, *args, **kwargs)

    def has_key(self, *args: Any, **kwargs: Any) -> bool:
        return self._try(super().has_key, False, *args, **kwargs)

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        return self._try(super().incr, delta, key, delta, version)

    def set_many(self, *args: Any, **kwargs: Any) -> list[Any]:
        return self._try(super().set_many, [], *args, **kwargs)

    def delete_many(self, *args: Any, **kwargs: Any) -> None:
        self._try(super().delete_many, None, *args, **kwargs)

    def count(self, key: str, timeout: int) -> int:
        """Increment `key`, which starts at 0 and expires after `timeout` seconds, in one round trip. Return its value."""
        return self._try(self._count, 1, self.make_and_validate_key(key), timeout)

    def _count(self, key: str, timeout: int) -> int:
        pipeline = self._cache.get_client(write=True).pipeline(transaction=False)
        pipeline.set(key, 0, ex=timeout, nx=True)
        pipeline.incr(key)
        return int(pipeline.execute()[-1])

    def _try(self, call: Callable[..., ResultT], fallback: ResultT, *args: Any, **kwargs: Any) -> ResultT:
        if monotonic() < OptionalRedisCache._retry_at:
            return fallback
        try:
            return call(*args, **kwargs)
        except (RedisError, OSError) as error:
            log.warning("cache_unreachable", error=str(error))
            OptionalRedisCache._retry_at = monotonic() + _RETRY_S  # for all threads of the process
            return fallback

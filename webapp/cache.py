"""The cache on Redis, which the site can do without for a while: counts of requests, figures kept for a moment."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Any, TypeVar

import structlog
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)
ResultT = TypeVar("ResultT")
_PAUSE_S = 1.0


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

"""Requests share connections to Redis."""

from __future__ import annotations

from contextvars import Context

import pytest
from django.core.cache import caches
from django.db import connection

from webapp.stores.cache import OptionalRedisCache, counter_increment

pytestmark = [
    pytest.mark.django_db,  # runs where PostgreSQL and Redis are
    pytest.mark.skipif(connection.vendor != "postgresql", reason="the embedded site has no Redis"),
]


def test_a_request_does_not_connect_to_redis_anew() -> None:
    cache = caches["default"]
    assert isinstance(cache, OptionalRedisCache)
    redis = cache._cache.get_client()
    counter_increment("connections", 60)
    before = redis.info("stats")["total_connections_received"]
    counts = [Context().run(counter_increment, "connections", 60) for _ in range(5)]  # as requests over ASGI
    assert counts == [2, 3, 4, 5, 6]
    assert redis.info("stats")["total_connections_received"] == before

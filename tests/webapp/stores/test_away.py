"""Unavailable servers are noticed at once, and nothing waits for them."""

from __future__ import annotations

import pytest
from django.db import OperationalError
from django.db.utils import ConnectionHandler

from tools.bootstrap.machine import HOST, port_free
from webapp.config.environment import config_read
from webapp.http.problems import problem_of
from webapp.stores.cache import OptionalRedisCache
from webapp.stores.postgresql.base import DatabaseWrapper
from webapp.stores.settings import cache_settings, database_settings

pytestmark = pytest.mark.both_stores


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The environment of a site whose servers are unavailable."""
    monkeypatch.setattr(DatabaseWrapper, "_gone_until", 0.0)
    monkeypatch.setattr(OptionalRedisCache, "_retry_at", 0.0)
    return {
        "SKETCHFIND_DATABASE_URL": f"postgresql://nobody@{HOST}:{port_free()}/none",
        "SKETCHFIND_REDIS_URL": f"redis://{HOST}:{port_free()}/0",
        "SKETCHFIND_SECRET_KEY": "x" * 50,
    }


def test_an_unavailable_cache_behaves_like_an_empty_one(nobody: dict[str, str]) -> None:
    settings = cache_settings(config_read(nobody))
    cache = OptionalRedisCache(settings["LOCATION"], {"OPTIONS": settings["OPTIONS"]})
    cache.set("a", 1)
    assert cache.get("a") is None
    assert cache.get("a", 7) == 7
    assert cache.add("a", 1)
    assert cache.incr("a") == 1
    assert cache.get_many(["a"]) == {}
    assert cache.set_many({"a": 1}) == []
    assert not cache.has_key("a")
    assert not cache.touch("a")
    assert not cache.delete("a")
    cache.delete_many(["a"])


@pytest.mark.django_db  # allows connections
def test_an_unavailable_database_is_reported(nobody: dict[str, str]) -> None:
    # Pools are identified by alias, and `default` may already be open.
    connections = ConnectionHandler({"default": {}, "gone": database_settings(config_read(nobody))})
    with pytest.raises(OperationalError, match="does not answer"):
        connections["gone"].ensure_connection()
    with pytest.raises(OperationalError, match="a moment ago"):
        connections["gone"].ensure_connection()
    connections["gone"].close_pool()  # type: ignore[attr-defined]


def test_a_write_is_refused_with_retry_after() -> None:
    body = problem_of(OperationalError("the connection is lost: password=secret"))
    assert body is not None
    assert body["status"] == 503
    assert "secret" not in body["detail"]

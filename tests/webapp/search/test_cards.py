"""The caches of search: fresh after a change, and used while the database is unavailable."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import OperationalError

from webapp.search.cards import _Cache


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


class Database:
    """Answers with the number of queries so far, or fails."""

    def __init__(self) -> None:
        self.requested: list[list[str]] = []
        self.away = False

    def read(self, keys: list[str]) -> dict[str, int]:
        self.requested.append(keys)
        if self.away:
            raise OperationalError("gone")
        return {key: len(self.requested) for key in keys}


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def database() -> Database:
    return Database()


@pytest.fixture
def kept(clock: Clock) -> _Cache[str, int]:
    return _Cache(3, clock)


def test_values_are_read_once_per_minute(kept: _Cache[str, int], database: Database, clock: Clock) -> None:
    assert kept.get_many(["a", "b"], database.read, 1) == {"a": 1, "b": 1}
    assert kept.get_many(["a", "c"], database.read, 1) == {"a": 1, "c": 2}
    assert database.requested == [["a", "b"], ["c"]]
    clock.now += 61
    assert kept.get_many(["a"], database.read, 1) == {"a": 3}


def test_a_changed_catalogue_is_read_again(kept: _Cache[str, int], database: Database) -> None:
    kept.get_many(["a"], database.read, 1)
    assert kept.get_many(["a"], database.read, 2) == {"a": 2}


def test_the_oldest_give_way(kept: _Cache[str, int], database: Database) -> None:
    for key in "abcd":
        kept.get_many([key], database.read, 1)
    kept.get_many(["b", "c", "d"], database.read, 1)
    assert len(database.requested) == 4
    kept.get_many(["a"], database.read, 1)
    assert len(database.requested) == 5


def test_without_a_database_old_values_are_used(
    kept: _Cache[str, int], database: Database, clock: Clock
) -> None:
    kept.get_many(["a", "b"], database.read, 1)
    clock.now += 3600
    database.away = True
    assert kept.get_many(["a", "x"], database.read, 2) == {"a": 1}
    assert kept.get_many(["b"], database.read, 2) == {"b": 1}
    assert len(database.requested) == 2, "it is not queried again at once"
    clock.now += 2
    database.away = False
    assert kept.get_many(["a", "x"], database.read, 2) == {"a": 3, "x": 3}


@pytest.mark.django_db(transaction=True)
def test_a_withdrawn_product_leaves_the_results_at_once(api: Any, release: Any, products: Any) -> None:
    sketch = {"width": 9, "height": 9, "strokes": [[[1, 1], [7, 2], [3, 8]]]}

    def found() -> set[int]:
        body = api.post("/api/v1/search", {"sketch": sketch, "k": 12}, format="json").json()
        return {row["product"]["id"] for row in body["results"]}

    assert products[4].pk in found()
    products[4].active = False
    products[4].save()
    assert products[4].pk not in found()

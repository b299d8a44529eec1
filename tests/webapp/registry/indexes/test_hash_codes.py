"""HASH_CODES=postgresql: the first stage of a running site's searches in its own database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection
from django.utils import timezone
from pytest_django import Settings

from ml.retrieval.postgresql import PostgresqlCodes
from ml.sketch.strokes import parse_sketch
from tests.factories import ProductFactory
from webapp.catalog.models import Product
from webapp.registry.gates.compared import ComparedRelease
from webapp.registry.indexes import hash_codes
from webapp.registry.indexes.prune import KEPT_FOR, indexes_prune
from webapp.registry.models import Release, ReleaseEvent
from webapp.registry.releases import live
from webapp.registry.releases.building import release_follow_catalogue
from webapp.search.services import ready_release, search_sketch

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="the run on PostgreSQL has these"),
]

SKETCHES = [
    parse_sketch({"width": 90, "height": 90, "strokes": [[[n, 1], [70 - n, 20], [3, 8 * n]]]})
    for n in range(1, 9)
]


def answers(category: str | None = None) -> list[list[dict[str, object]]]:
    found = [
        search_sketch(sketch=each, k=12, category=category, live=ready_release())["results"]
        for each in SKETCHES
    ]
    return [[{key: one[key] for key in ("product", "score")} for one in results] for results in found]


def tables() -> list[str]:
    return sorted(name for name in connection.introspection.table_names() if name.startswith("hash_codes_"))


@pytest.fixture
def in_postgresql(settings: Settings) -> Iterator[None]:
    settings.HASH_CODES = "postgresql"
    yield
    live.reset()
    with connection.cursor() as cursor:
        for table in tables():
            cursor.execute(f"DROP TABLE {table}")


def test_a_search_finds_what_it_finds_in_memory(
    release: Release, settings: Settings, in_postgresql: None
) -> None:
    settings.HASH_CODES = "memory"
    expected, expected_of_a = answers(), answers("a")
    assert tables() == []
    settings.HASH_CODES = "postgresql"
    live.reset()
    assert isinstance(ready_release().search._codes, hash_codes._Stored)
    assert (answers(), answers("a")) == (expected, expected_of_a)
    assert tables() == [hash_codes._table(release.index_sha256)]
    found = ComparedRelease(release).find(SKETCHES[0], 3)
    assert len(found.products) == 3


def test_what_is_searched_is_what_the_table_holds(release: Release, in_postgresql: None) -> None:
    assert len(answers()[0]) == 12
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {tables()[0]} WHERE number >= 5")
    assert len(answers()[0]) == 5
    live.reset()  # a process that opens the release again repairs it
    assert len(answers()[0]) == 12


def test_an_index_build_stores_its_codes(
    products: list[Product],
    in_postgresql: None,
    make_release: Callable[..., Release],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_release()
    first = tables()
    assert len(first) == 1
    ProductFactory(sku="new", category=products[0].category, photo__seed=99)
    assert release_follow_catalogue()
    assert len(tables()) == 2
    monkeypatch.setattr(PostgresqlCodes, "add", lambda *args: pytest.fail("they are there"))
    assert ready_release().n_photos == 13
    assert len(answers()[0]) == 12


def test_a_pruned_index_takes_its_table_along(
    products: list[Product], in_postgresql: None, make_release: Callable[..., Release]
) -> None:
    old = make_release()
    ProductFactory(sku="new", category=products[0].category, photo__seed=99)
    release_follow_catalogue()
    long_ago = timezone.now() - 2 * KEPT_FOR
    ReleaseEvent.objects.update(at=long_ago)
    assert indexes_prune(now=timezone.now() + timedelta(seconds=1)) == [old.index_build_id]
    assert hash_codes._table(old.index_sha256) not in tables()
    assert len(tables()) == 1


def test_a_lost_table_is_an_error_of_the_database(release: Release, in_postgresql: None) -> None:
    answers()
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {tables()[0]}")
    with pytest.raises(DatabaseError):
        answers()

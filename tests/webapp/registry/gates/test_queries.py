"""An anonymous sample of the newest queries is recorded, and searches are answered whatever happens."""

from __future__ import annotations

from itertools import count, pairwise
from time import monotonic
from typing import Any

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from webapp.registry.gates import queries
from webapp.registry.models import RecordedQuery, Release

SKETCH = {"width": 100, "height": 100, "strokes": [[[10, 10], [90, 90]]]}


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """Record every second query, at once."""
    settings.RECORDED_QUERY_EVERY, settings.RECORDED_QUERIES = 2, 3
    monkeypatch.setattr(queries, "_queries", count(1))
    monkeypatch.setattr(queries._recorder, "put", queries.query_store)


@pytest.mark.usefixtures("written")
def test_every_second_search_is_kept_and_only_the_newest(api: APIClient, release: Release) -> None:
    for _ in range(10):
        assert api.post("/api/v1/search", {"sketch": SKETCH, "k": 12}).status_code == 200
    kept = RecordedQuery.objects.order_by("pk")
    first = kept[0].pk
    assert [query.pk for query in kept] == [first, first + 1, first + 2]
    assert kept[0].release == release
    assert kept[0].sketch["strokes"][0][0][:2] == [10, 10]
    assert len(kept[0].product_ids) == len(kept[0].scores) == 10
    assert {field.name for field in RecordedQuery._meta.fields} == {
        *("id", "sketch", "release", "product_ids", "scores", "at")
    }


@pytest.mark.usefixtures("written")
def test_searches_within_a_category_and_giant_scribbles_are_not_recorded(
    api: APIClient, release: Release
) -> None:
    endless = [[[n % 97, n % 89] for n in range(queries.MAX_POINTS + 1)]]
    for _ in range(4):
        api.post("/api/v1/search", {"sketch": SKETCH, "k": 12, "category": "a"})
        api.post("/api/v1/search", {"sketch": {**SKETCH, "strokes": endless}, "k": 12})
    assert not RecordedQuery.objects.exists()


def test_a_failed_recording_ends_neither_the_search_nor_the_thread(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, api: APIClient, release: Release
) -> None:
    settings.RECORDED_QUERY_EVERY = 1
    seen: list[Any] = []

    def broken(query: RecordedQuery) -> None:
        seen.append(query)
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(queries, "_recorder", queries._Recorder(broken, pause_s=0))
    for _ in range(3):
        assert api.post("/api/v1/search", {"sketch": SKETCH, "k": 12}).status_code == 200
    queries._recorder._waiting.join()
    assert len(seen) == 3


def test_recordings_are_spaced_and_surplus_ones_dropped() -> None:
    written: list[float] = []
    recorder = queries._Recorder(lambda query: written.append(monotonic()), pause_s=0.05)
    for _ in range(10 * queries._WAITING):
        recorder.put(RecordedQuery())
    recorder._waiting.join()
    assert len(written) <= 2 * queries._WAITING
    assert all(later - earlier >= 0.05 for earlier, later in pairwise(written))

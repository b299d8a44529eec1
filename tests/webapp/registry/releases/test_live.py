"""The live release in a process's memory."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Callable
from time import monotonic, sleep
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from ml.sketch.strokes import parse_sketch
from tests.support.live_release import live_now
from webapp.catalog.models import Product
from webapp.registry.models import Release
from webapp.registry.releases import live
from webapp.registry.releases.services import release_promote, release_rollback
from webapp.search.services import ready_release, search_sketch

SKETCH = parse_sketch({"width": 9, "height": 9, "strokes": [[[1, 1], [7, 2], [3, 8]]]})


def until(condition: Any, within_s: float) -> bool:
    ends = monotonic() + within_s
    while monotonic() < ends:
        if condition():
            return True
        sleep(0.05)
    return False


@pytest.fixture
def two(products: list[Product], make_release: Callable[..., Release]) -> list[Release]:
    return [make_release(seed=n) for n in range(2)]


def answering(follower: live._Follower) -> int:
    """Return the id of the release that it holds."""
    assert follower._live
    return follower._live.id


@pytest.mark.django_db(transaction=True)
def test_a_process_follows_the_pointer_by_itself(two: list[Release], monkeypatch: pytest.MonkeyPatch) -> None:
    follower = live._Follower()
    monkeypatch.setattr(live, "POLL_S", 0.2)
    assert follower.current()
    assert answering(follower) == two[1].pk
    release_rollback()
    assert until(lambda: answering(follower) == two[0].pk, within_s=5)
    release_promote(release=two[1])
    assert until(lambda: answering(follower) == two[1].pk, within_s=5)
    follower.stop()


@pytest.mark.django_db(transaction=True)
def test_requests_during_the_first_load_wait_for_it(
    two: list[Release], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise the first visitors after a start would get "no release"."""
    follower, found = live._Follower(), []
    monkeypatch.setattr(live, "POLL_S", 60.0)
    started, real = threading.Event(), live._load

    def slow(*args: Any) -> Any:
        started.set()
        sleep(0.3)
        return real(*args)

    def asking() -> None:
        try:
            found.append(follower.current())
        finally:
            connection.close()

    monkeypatch.setattr(live, "_load", slow)
    follower.subscribe(lambda _: asking())  # a listener may call it at once
    threads = [threading.Thread(target=asking) for _ in range(3)]
    for thread in threads:
        thread.start()
        assert started.wait(10)  # the others arrive while the first loads
    for thread in threads:
        thread.join()
    follower.stop()
    assert [one and one.id for one in found] == [two[1].pk] * 4


@pytest.mark.django_db(transaction=True)
def test_no_query_is_dropped_while_releases_change(two: list[Release]) -> None:
    """Threads search continuously while the pointer moves back and forth; every answer is complete and of one
    release.
    """
    stop, failures, seen = threading.Event(), [], set()

    def searching() -> None:
        try:
            while not stop.is_set():
                answer = search_sketch(sketch=SKETCH, k=12, category=None, live=ready_release())
                assert len(answer["results"]) == 12
                seen.add(answer["release"]["id"])
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=searching) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(4):
        sleep(0.15)
        release_rollback()
        sleep(0.15)
        release_promote(release=two[1])
    stop.set()
    for thread in threads:
        thread.join()
    assert not failures
    assert seen == {two[0].pk, two[1].pk}


@pytest.mark.django_db
def test_the_old_release_is_freed_after_its_last_query(two: list[Release]) -> None:
    in_flight = live_now()
    old = weakref.ref(in_flight)
    release_rollback()
    assert live_now().id == two[0].pk
    assert search_sketch(sketch=SKETCH, k=1, category=None, live=in_flight)["release"]["id"] == two[1].pk
    del in_flight
    gc.collect()
    assert old() is None


@pytest.mark.django_db
def test_if_a_release_cannot_be_loaded_the_old_one_stays(
    two: list[Release], monkeypatch: pytest.MonkeyPatch
) -> None:
    follower = live._Follower()
    follower.refresh()
    release_rollback()
    with monkeypatch.context() as patch:
        patch.setattr(live, "_load", lambda *_: 1 / 0)
        assert not follower._try_refresh()
    assert answering(follower) == two[1].pk
    assert follower._try_refresh()
    assert answering(follower) == two[0].pk


@pytest.mark.django_db
def test_before_the_first_release_there_is_none(products: list[Product]) -> None:
    assert live.current() is None


@pytest.mark.django_db
def test_readyz_checks_it(
    client: Client, products: list[Product], make_release: Callable[..., Release]
) -> None:
    assert client.get("/readyz").json()["live_release"] == "failed"
    make_release()
    assert client.get("/readyz").json()["live_release"] == "ok"

"""Promotion and rollback: one pointer, one transaction, an audit trail."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import pairwise
from threading import Barrier
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from webapp.accounts.models import User
from webapp.catalog.models import Product
from webapp.registry.models import LivePointer, Release, ReleaseEvent
from webapp.registry.releases.services import ReleaseConflictError, release_promote, release_rollback


@pytest.fixture
def releases(products: list[Product], make_release: Callable[..., Release]) -> list[Release]:
    """Three releases, promoted in turn; the last is live."""
    return [make_release(seed=n) for n in range(3)]


def live_id() -> int | None:
    return LivePointer.objects.get().release_id


def test_rollback_goes_back_step_by_step(releases: list[Release]) -> None:
    first, second, third = releases
    assert live_id() == third.pk
    release_rollback()
    assert live_id() == second.pk
    release_rollback()
    assert live_id() == first.pk
    with pytest.raises(ReleaseConflictError, match="no earlier"):
        release_rollback()
    assert live_id() == first.pk


def test_a_promotion_after_a_rollback_is_undone_to_where_it_started(releases: list[Release]) -> None:
    first, _, third = releases
    release_rollback()
    release_rollback()
    release_promote(release=third)
    release_rollback()
    assert live_id() == first.pk


def test_every_move_is_kept(releases: list[Release], operator: User) -> None:
    release_rollback(by=operator, reason="worse on chairs")
    events = list(ReleaseEvent.objects.order_by("number"))
    assert [event.number for event in events] == [1, 2, 3, 4]
    last = events[-1]
    assert (last.kind, last.by, last.reason) == ("rollback", operator, "worse on chairs")
    assert (last.replaced, last.release) == (releases[2], releases[1])


def test_the_live_release_cannot_be_promoted_again(releases: list[Release]) -> None:
    with pytest.raises(ReleaseConflictError, match="already live"):
        release_promote(release=releases[2])


def test_a_stale_page_moves_nothing(releases: list[Release]) -> None:
    with pytest.raises(ReleaseConflictError, match="has changed since"):
        release_promote(release=releases[0], expected_number=2)
    with pytest.raises(ReleaseConflictError, match="has changed since"):
        release_rollback(expected_number=2)
    assert live_id() == releases[2].pk
    release_promote(release=releases[0], expected_number=3)
    assert live_id() == releases[0].pk


@pytest.mark.django_db
def test_there_is_one_pointer() -> None:
    LivePointer.objects.create()
    with pytest.raises(IntegrityError), transaction.atomic():
        LivePointer.objects.create(pk=2)


def in_parallel(*calls: Any) -> list[Any]:
    """Run all at the same moment, each on its own connection. Return their results or exceptions."""
    start = Barrier(len(calls))

    def run(call: Any) -> Any:
        try:
            start.wait()
            return call()
        except ReleaseConflictError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


@pytest.mark.django_db(transaction=True)
def test_racing_operators_leave_one_history(releases: list[Release]) -> None:
    """Eight moves at once: each either succeeded or was refused, and the numbers have no gap."""
    promoted = [partial(release_promote, release=release) for release in (*releases, *releases[:2])]
    results = in_parallel(*promoted, *[release_rollback] * 3)
    moved = [result for result in results if not isinstance(result, ReleaseConflictError)]
    events = list(ReleaseEvent.objects.order_by("number"))
    assert [event.number for event in events] == list(range(1, 4 + len(moved)))
    for before, after in pairwise(events):
        assert after.replaced_id == before.release_id
    pointer = LivePointer.objects.get()
    assert (pointer.number, pointer.release_id) == (events[-1].number, events[-1].release_id)


@pytest.mark.django_db(transaction=True)
def test_of_two_operators_on_the_same_page_one_moves(releases: list[Release]) -> None:
    results = in_parallel(*[lambda: release_promote(release=releases[0], expected_number=3)] * 4)
    assert sum(not isinstance(result, ReleaseConflictError) for result in results) == 1
    assert LivePointer.objects.get().number == 4


@pytest.mark.django_db(transaction=True)
def test_the_very_first_promotions_race_too(releases: list[Release]) -> None:
    LivePointer.objects.all().delete()
    ReleaseEvent.objects.update(undoes_to=None)
    ReleaseEvent.objects.all().delete()
    in_parallel(*[lambda r=release: release_promote(release=r) for release in releases])
    assert ReleaseEvent.objects.count() == LivePointer.objects.get().number == 3

"""Waiting queries are answered in batches; nobody gets another's answer or error."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.utils import translation

from ml.sketch.strokes import parse_sketch
from tests.support.live_release import live_now
from tests.support.load import SKETCHES
from webapp.registry.models import Release
from webapp.search.answering.batching import Batcher
from webapp.search.services import search_sketch

WAIT_S = 30


class Office:
    """Doubles numbers; the first ones wait until `may_end` is set, and negative ones are errors."""

    def __init__(self) -> None:
        self.calls: list[list[int]] = []
        self.started, self.may_end = threading.Event(), threading.Event()
        self.batcher: Batcher[int, int] = Batcher(
            self.answer_all, lambda first, other: first % 2 == other % 2, n_leaders=1, max_batch=4
        )

    def answer_all(self, questions: Sequence[int]) -> list[int | Exception]:
        self.calls.append(list(questions))
        self.started.set()
        assert self.may_end.wait(WAIT_S)
        if 13 in questions:
            raise RuntimeError("all")
        return [ValueError("negative") if question < 0 else 2 * question for question in questions]

    def submit_behind(self, pool: ThreadPoolExecutor, questions: Sequence[int]) -> list[int | str]:
        """Return answers, or error messages, of items submitted in this order while 1 was being processed."""
        first = pool.submit(self.batcher.submit, 1, WAIT_S)
        assert self.started.wait(WAIT_S)
        rest = []
        for n_waiting, question in enumerate(questions, start=1):
            rest.append(pool.submit(self.batcher.submit, question, WAIT_S))
            while len(self.batcher._queue) < n_waiting:
                pass
        self.may_end.set()
        assert first.result(WAIT_S) == 2
        return [str(error) if (error := each.exception(WAIT_S)) else each.result() for each in rest]


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as pool:
        yield pool


def test_an_item_that_does_not_wait_is_processed_alone(office: Office) -> None:
    office.may_end.set()
    assert [office.batcher.submit(question, WAIT_S) for question in (1, 3)] == [2, 6]
    assert office.calls == [[1], [3]]


def test_waiting_items_are_processed_in_batches_in_their_order(
    office: Office, pool: ThreadPoolExecutor
) -> None:
    assert office.submit_behind(pool, [3, 5, 7, 9, 11]) == [6, 10, 14, 18, 22]
    assert office.calls == [[1], [3, 5, 7, 9], [11]]
    assert office.batcher.submit(15, WAIT_S) == 30, "the place of the leader is free again"


def test_items_that_do_not_fit_wait_for_the_next_batch(office: Office, pool: ThreadPoolExecutor) -> None:
    assert office.submit_behind(pool, [3, 4, 5]) == [6, 8, 10]
    assert office.calls == [[1], [3], [4], [5]]


def test_an_error_reaches_only_its_sender_unless_all_failed(office: Office, pool: ThreadPoolExecutor) -> None:
    assert office.submit_behind(pool, [3, -3, 5]) == [6, "negative", 10]
    other = Office()
    assert other.submit_behind(pool, [3, 13]) == ["all", "all"]


def test_waiting_too_long_raises_and_processes_nothing(office: Office, pool: ThreadPoolExecutor) -> None:
    first = pool.submit(office.batcher.submit, 1, WAIT_S)
    assert office.started.wait(WAIT_S)
    with pytest.raises(TimeoutError):
        office.batcher.submit(3, 0.01)
    office.may_end.set()
    assert first.result(WAIT_S) == 2
    assert office.calls == [[1]]


def test_concurrent_searches_give_the_same_answers_as_single_ones(release: Release) -> None:
    current = live_now()

    def search(turn: int) -> list[tuple[int, Any, str]]:
        sketch = parse_sketch(SKETCHES[turn % len(SKETCHES)])
        with translation.override(["en", "de"][turn % 2]):
            answer = search_sketch(sketch=sketch, k=5, category=None, live=current)
        return [
            (row["product"]["id"], pytest.approx(row["score"], abs=2e-4), row["product"]["category"]["name"])
            for row in answer["results"]
        ]

    alone = [search(turn) for turn in range(12)]
    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(search, range(12))) == alone


def test_no_leader_is_lost_when_several_end_at_once() -> None:
    """If two end while one waits, the lead is passed on once, and the other place is free again."""
    together: Batcher[int, int] = Batcher(
        lambda questions: [2 * question for question in questions], lambda *_: True, n_leaders=4, max_batch=2
    )
    with ThreadPoolExecutor(32) as pool:
        requested = list(range(4000))
        assert list(pool.map(lambda question: together.submit(question, WAIT_S), requested)) == [
            2 * n for n in requested
        ]
    assert together._free == 4
    assert not together._queue

"""Sums of visitors' sketches: added by several processes at once, limited, and nothing else is stored."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import numpy as np
import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from ml.retrieval.centres import SKETCHES_WEIGHT, SketchSum
from ml.sketch.strokes import parse_sketch
from webapp.http.client_address import limited_address
from webapp.registry.indexes import sketch_sums as module
from webapp.registry.indexes.sketch_sums import PER_ADDRESS, SketchSums, sketch_sum_add, sketch_sum_read
from webapp.registry.models import RecordedQuery, Release
from webapp.registry.models import SketchSum as Row
from webapp.search.answering import sketches
from webapp.search.models import Share
from webapp.search.services import ready_release, search_sketch
from webapp.search.sockets import consumer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_stores]

ENCODER, OTHER = "e" * 64, "f" * 64
ADDRESS = "192.0.2.1"
DIM = 5


@pytest.fixture(autouse=True)
def _learning(settings: Settings) -> None:
    settings.LEARN_FROM_SKETCHES = True
    settings.LEARN_EVERY = 1


def sums_of(vectors: Any) -> SketchSum:
    rows = np.asarray(vectors, np.float64)
    return SketchSum(len(rows), rows.sum(axis=0))


def stored(encoder: str = ENCODER) -> SketchSum:
    found = sketch_sum_read(encoder)
    assert found is not None
    return found


def in_threads(*calls: Callable[[], object]) -> None:
    """Run all calls at the same time, each with its own connection."""
    start, errors = threading.Barrier(len(calls)), []

    def run(call: Callable[[], object]) -> None:
        start.wait()
        try:
            call()
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_sums_of_each_encoder_add_up() -> None:
    vectors = np.random.default_rng(0).normal(size=(7, DIM))
    assert sketch_sum_read(ENCODER) is None
    sketch_sum_add(ENCODER, sums_of(vectors[:3]))
    sketch_sum_add(ENCODER, sums_of(vectors[3:]))
    sketch_sum_add(OTHER, sums_of(vectors[:1]))
    assert (stored().n, stored(OTHER).n) == (7, 1)
    assert stored().total == pytest.approx(vectors.sum(axis=0))


def test_processes_that_add_at_once_lose_nothing() -> None:
    """The first sum is the hardest: each process finds no row yet."""
    vectors = np.random.default_rng(1).normal(size=(6, 4, DIM))

    def add(own: Any) -> None:
        for vector in own:
            sketch_sum_add(ENCODER, sums_of([vector]))

    in_threads(*(partial(add, own) for own in vectors))
    assert Row.objects.count() == 1
    assert stored().n == 24
    assert stored().total == pytest.approx(vectors.sum(axis=(0, 1)))


def test_a_full_sum_goes_on_counting_and_learning() -> None:
    old, new = np.full(DIM, 2.0), np.full(DIM, -1.0)
    sketch_sum_add(ENCODER, SketchSum(SKETCHES_WEIGHT, SKETCHES_WEIGHT * old))
    sketch_sum_add(ENCODER, SketchSum(SKETCHES_WEIGHT, SKETCHES_WEIGHT * new))
    found = stored()
    assert (found.n, found.weight) == (2 * SKETCHES_WEIGHT, SKETCHES_WEIGHT)
    assert found.total / found.weight == pytest.approx((old + new) / 2)


def test_threads_of_a_process_lose_nothing() -> None:
    sums = SketchSums(flush_s=1e9)
    vectors = np.random.default_rng(2).normal(size=(8, 50, DIM)).astype(np.float32)

    def offer(own: Any) -> None:
        for vector in own:
            sums.add(ENCODER, vector)

    in_threads(*(partial(offer, own) for own in vectors))
    sums.flush()
    assert stored().n == 400
    assert stored().total == pytest.approx(vectors.sum(axis=(0, 1), dtype=np.float64), abs=1e-3)
    sums.flush()
    assert stored().n == 400, "nothing is added twice"


def test_one_of_several_sketches_counts(settings: Settings) -> None:
    settings.LEARN_EVERY = 10
    sums = SketchSums(flush_s=1e9)
    assert [sums.wants(ADDRESS) for _ in range(35)].count(True) == 3


def test_an_address_adds_a_few_sketches_per_day(monkeypatch: pytest.MonkeyPatch) -> None:
    sums = SketchSums(flush_s=1e9)
    now = timezone.now().replace(hour=12)
    monkeypatch.setattr(timezone, "now", lambda: now)
    assert [sums.wants(ADDRESS) for _ in range(30)].count(True) == PER_ADDRESS
    assert [sums.wants("192.0.2.2") for _ in range(30)].count(True) == PER_ADDRESS
    assert [SketchSums().wants(ADDRESS) for _ in range(30)].count(True) == 0, "in any process"
    now += timedelta(days=1)
    assert [sums.wants(ADDRESS) for _ in range(30)].count(True) == PER_ADDRESS


def test_sums_are_stored_by_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    sums = SketchSums(flush_s=0.0)
    flushed: list[threading.Thread] = []
    real = threading.Thread.start

    def start(thread: threading.Thread) -> None:
        flushed.append(thread)
        real(thread)

    monkeypatch.setattr(threading.Thread, "start", start)
    sums.add(ENCODER, np.ones(DIM, np.float32))
    for thread in flushed:
        thread.join()
    assert len(flushed) == 1
    assert stored().n == 1


def test_a_database_that_fails_does_not_fail_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise DatabaseError("disk full")

    sums = SketchSums(flush_s=1e9)
    sums.add(ENCODER, np.ones(DIM, np.float32))
    with monkeypatch.context() as patch:
        patch.setattr(module, "sketch_sum_add", fails)
        sums.flush()
    sums.add(ENCODER, np.ones(DIM, np.float32))
    sums.flush()
    assert stored().n == 1


def test_a_site_that_does_not_learn_adds_and_reads_nothing(settings: Settings) -> None:
    sketch_sum_add(ENCODER, SketchSum(3, np.ones(DIM)))
    settings.LEARN_FROM_SKETCHES = False
    assert not SketchSums(flush_s=1e9).wants(ADDRESS)
    assert sketch_sum_read(ENCODER) is None
    settings.LEARN_FROM_SKETCHES = True
    assert stored().n == 3


SKETCH = parse_sketch({"width": 100, "height": 100, "strokes": [[[10, 10], [90, 15], [60, 90]]]})


@pytest.fixture
def sums(monkeypatch: pytest.MonkeyPatch) -> SketchSums:
    """The sums of this process, stored only when they are flushed."""
    own = SketchSums(flush_s=1e9)
    monkeypatch.setattr(sketches, "sketch_sums", own)
    return own


@pytest.mark.usefixtures("products")
def test_a_search_of_the_whole_catalogue_leaves_only_a_sum(
    make_release: Callable[..., Release], sums: SketchSums
) -> None:
    make_release(centres=True)
    live = ready_release()
    for category in (None, "a", None):  # a narrowed search says less about sketches at large
        search_sketch(sketch=SKETCH, k=3, category=category, live=live)
    sums.flush()
    row = Row.objects.get()
    assert (row.encoder_sha256, row.n) == (live.encoder.sha256, 2)
    projection = live.encoder.encode_sketch(SKETCH).projection
    assert projection is not None
    assert len(row.total) == 8 * len(projection)
    assert stored(live.encoder.sha256).total == pytest.approx(2 * projection.astype(np.float64), rel=1e-5)
    assert {field.name for field in Row._meta.get_fields()} == {
        "id",
        "encoder_sha256",
        "n",
        "total",
        "updated_at",
    }
    assert not Share.objects.exists()
    assert not RecordedQuery.objects.exists()


@pytest.mark.usefixtures("release")
def test_an_encoder_without_centres_leaves_nothing(sums: SketchSums) -> None:
    search_sketch(sketch=SKETCH, k=3, category=None, live=ready_release())
    sums.flush()
    assert not Row.objects.exists()


@pytest.mark.usefixtures("products")
def test_one_address_cannot_move_the_centre_alone(
    make_release: Callable[..., Release], sums: SketchSums, client: Client
) -> None:
    """Over REST and the socket together; the addresses of an IPv6 network are one."""
    make_release(centres=True)
    for n in range(PER_ADDRESS):
        answer = client.post(
            "/api/v1/search",
            {"sketch": SKETCH.to_payload()},
            content_type="application/json",
            REMOTE_ADDR=f"2001:db8:0:1::{n + 1}",
        )
        assert answer.status_code == 200
        query = consumer.Query(n, {"sketch": SKETCH.to_payload()})
        network = limited_address("2001:db8:0:1::99")
        assert '"results"' in consumer._answer_charged(query, "en", network, True, None)
    sums.flush()
    assert stored(ready_release().encoder.sha256).n == PER_ADDRESS
    search_sketch(sketch=SKETCH, k=3, category=None, live=ready_release(), address=ADDRESS)
    sums.flush()
    assert stored(ready_release().encoder.sha256).n == PER_ADDRESS + 1

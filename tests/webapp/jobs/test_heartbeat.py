"""Heartbeats from a thread during long work."""

from __future__ import annotations

import threading
from datetime import timedelta
from functools import partial

import pytest
from django.db import OperationalError
from django.utils import timezone

from webapp.jobs.heartbeat import Heartbeat
from webapp.jobs.leases import LeaseLostError, row_claim, row_update
from webapp.registry.indexes.builds import index_build_request
from webapp.registry.models import IndexBuild, Release
from webapp.registry.models.releases import LEASE


def test_it_beats_until_its_block_ends() -> None:
    thrice = threading.Semaphore(0)
    with Heartbeat(thrice.release, every_s=0.01) as heart:
        assert all(thrice.acquire(timeout=10) for _ in range(3))
    assert not heart._thread.is_alive()


def test_an_unavailable_database_is_tried_again() -> None:
    answers = [OperationalError("away"), None, None]
    back = threading.Event()

    def beat() -> None:
        if error := answers.pop(0):
            raise error
        back.set()

    with Heartbeat(beat, every_s=0.01):
        assert back.wait(10)


def test_it_stops_when_another_worker_has_the_row() -> None:
    beats: list[int] = []

    def beat() -> None:
        beats.append(1)
        raise LeaseLostError

    with Heartbeat(beat, every_s=0.01) as heart:
        heart._thread.join(10)
        assert not heart._thread.is_alive()
    assert beats == [1]


@pytest.mark.django_db(transaction=True)
def test_it_holds_a_row_over_its_own_connection(release: Release) -> None:
    IndexBuild.objects.update(catalogue_sha256="0" * 64)
    build = index_build_request(model=release.model)
    assert row_claim(build, expires_after=LEASE)
    build.refresh_from_db()
    long_ago = timezone.now() - timedelta(minutes=1)
    IndexBuild.objects.filter(pk=build.pk).update(heartbeat_at=long_ago)
    beaten = threading.Event()

    def beat() -> None:
        partial(row_update, build)()
        beaten.set()

    with Heartbeat(beat, every_s=0.01):
        assert beaten.wait(20)
    build.refresh_from_db()
    assert build.heartbeat_at is not None
    assert build.heartbeat_at > long_ago

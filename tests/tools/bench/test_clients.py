"""The clients of `manage.py bench_capacity` against a real server."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from ml.benchmarks.query import scribble
from tools.bench.clients import drive
from webapp.registry.models import Release


@pytest.mark.django_db(transaction=True)
def test_clients_send_until_time_is_up_and_reject_errors(live_server: Any, release: Release) -> None:
    port, sketches = live_server.thread.port, [scribble(seed) for seed in range(3)]
    for kind in ("rest", "healthz"):
        driven = drive(kind, port, sketches, n_clients=2, for_s=0.3)
        assert len(driven.times_s) >= 2
        assert driven.wall_s >= 0.3
    with pytest.raises(RuntimeError, match=r"sketch\.strokes"):
        drive("rest", port, [{"width": 1, "height": 1, "strokes": []}], n_clients=1, for_s=0.3)


@pytest.mark.django_db
def test_without_a_release_there_is_nothing_to_measure() -> None:
    with pytest.raises(CommandError, match="demo_prepare"):
        call_command("bench_capacity", stdout=StringIO())

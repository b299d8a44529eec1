"""/metrics: its content, and that its labels do not grow with requests."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone
from prometheus_client import REGISTRY
from rest_framework.test import APIClient

from tests.support.crowd import make_campaign
from webapp.catalog.models import Product
from webapp.config.environment import BASE_DIR
from webapp.probes import site_metrics
from webapp.registry.models import DatasetSnapshot, Release, TrainingRun
from webapp.registry.releases.services import release_rollback

pytestmark = pytest.mark.django_db
QUERY = {"sketch": {"width": 9, "height": 9, "strokes": [[[1, 1], [7, 2], [3, 8]]]}, "k": 3}


@pytest.fixture
def reported(operator_api: APIClient) -> Callable[[], dict[str, float]]:
    """Return every series with its value, as read by Prometheus."""

    def ask() -> dict[str, float]:
        text = operator_api.get("/metrics").content.decode()
        return {name: float(value) for name, value in re.findall(r"^([\w:]+(?:\{.*\})?) (\S+)$", text, re.M)}

    return ask


def test_queries_are_counted_by_stage(
    reported: Callable[[], dict[str, float]],
    api: APIClient,
    products: list[Product],
    make_release: Callable[..., Release],
) -> None:
    make_release()
    count = 'sketchfind_query_seconds_count{stage="%s"}'
    before = reported()
    assert api.post("/api/v1/search", QUERY).status_code == 200
    assert api.get(f"/api/v1/products/{products[0].pk}/similar").status_code == 200
    after = reported()
    passed = {s: after[count % s] - before.get(count % s, 0) for s in ("raster", "encode", "search", "total")}
    assert passed == {"raster": 1, "encode": 1, "search": 2, "total": 2}  # a product needs no encoder


def test_release_and_the_replica_that_follows_it(
    reported: Callable[[], dict[str, float]],
    api: APIClient,
    products: list[Product],
    make_release: Callable[..., Release],
) -> None:
    for seed in range(2):
        make_release(seed=seed)
    api.post("/api/v1/search", QUERY)
    release_rollback()
    figures = reported()
    assert figures["sketchfind_release_number"] == 3
    assert figures["sketchfind_replica_release_number"] == 2  # until its next poll
    api.post("/api/v1/search", QUERY)
    assert reported()["sketchfind_replica_release_number"] == 3
    assert reported()["sketchfind_replicas"] == 1


def test_votes_runs_and_queues(reported: Callable[[], dict[str, float]]) -> None:
    snapshot = DatasetSnapshot.objects.create(name="s", format="snapshot", sha256="a" * 64)
    for status in ("queued", "queued", "running", "done"):
        held = {"heartbeat_at": timezone.now()} if status == "running" else {}
        TrainingRun.objects.create(
            snapshot=snapshot, snapshot_sha256="a" * 64, system="s", status=status, **held
        )
    make_campaign(1)
    figures = reported()
    assert figures["sketchfind_votes_counted"] == 0
    assert figures['sketchfind_training_runs{status="queued"}'] == 2
    assert figures['sketchfind_training_runs{status="running"}'] == 1
    assert [name for name in figures if "training_runs" in name and "done" in name] == []
    assert {name for name in figures if "queue_waiting" in name} == {
        f'sketchfind_queue_waiting{{queue="{queue}"}}' for queue in ("train", "index", "default")
    }


def test_a_failing_metric_is_left_out_and_the_others_stay(
    reported: Callable[[], dict[str, float]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise OSError("broker refused")

    monkeypatch.setattr(site_metrics, "_PARTS", (away, site_metrics._votes_counted))
    figures = reported()
    assert "sketchfind_votes_counted" in figures
    assert not [name for name in figures if "queue_waiting" in name]


def test_labels_do_not_grow_with_requests(client: Client, reported: Callable[[], dict[str, float]]) -> None:
    def series() -> set[str]:
        return {f"{one.name}{one.labels}" for family in REGISTRY.collect() for one in family.samples}

    def ask(n: int) -> None:
        for k in range(n):
            client.get(f"/nowhere/{n}-{k}/?q={k}", headers={"x-request-id": f"request-{n}-{k}"})
            client.get(f"/api/v1/products/{10**6 + k}/similar")
            client.generic(f"VERB{k}", "/browse/")

    ask(3)
    reported()
    before = series()
    ask(12)
    assert series() - before == set()


def test_a_process_observes_its_first_release_whatever_it_imports() -> None:
    """gunicorn loads the release before the code of any page is imported."""
    code = (
        "import webapp.wsgi; from webapp.registry.releases import live; print(len(live._follower._listeners))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=BASE_DIR, capture_output=True, text=True, timeout=120, check=True
    )
    assert int(ended.stdout.split()[-1]) >= 1

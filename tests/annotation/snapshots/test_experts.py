"""An expert's answer settles a dispute: no vote, but stated in consensus, workers' figures and snapshots."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from annotation.models import AuditEvent, Campaign, Consensus, ExpertAnswer, Task, Vote
from annotation.services.aggregation.checks import counts_check
from annotation.services.aggregation.consensus import consensus_check, consensus_recompute
from annotation.services.aggregation.refresh import aggregation_refresh
from annotation.services.tasks.creation import tasks_create
from annotation.services.tasks.imports import JudgedTriplet, votes_import
from annotation.snapshots.freeze import snapshot_freeze
from ml.contracts.snapshot import MANIFEST, TRIPLETS, read_lines, read_triplet
from tests import factories
from tests.support.crowd import make_sketch
from webapp.stores import artifacts

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign() -> Campaign:
    """Three triplets of a sketch: decided for a, split two by two, and decided for b."""
    products = sorted((factories.ProductFactory() for _ in range(3)), key=lambda product: product.pk)
    a, b, c = (product.pk for product in products)
    campaign = Campaign.objects.create(
        title="Chairs", slug="chairs", votes_per_task=4, stop_when_decided=False
    )
    sketch = make_sketch(product=products[0])
    judged = [
        JudgedTriplet(sketch, (a, b), [a, a, a, b]),
        JudgedTriplet(sketch, (a, c), [a, a, c, c]),
        JudgedTriplet(sketch, (b, c), [c, c, c, None]),
    ]
    tasks = [
        Task(kind="triplets", sketch=sketch, candidate_a_id=one.products[0], candidate_b_id=one.products[1])
        for one in judged
    ]
    tasks_create(campaign=campaign, tasks=tasks, by=None)
    votes_import(campaign=campaign, judged=judged, source="elsewhere", by=None, now=timezone.now())
    consensus_recompute(campaign=campaign, now=timezone.now())
    return campaign


def disputed(api: APIClient, campaign: Campaign) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = api.get(f"/api/v1/campaigns/{campaign.pk}/disputed/").json()["results"]
    return rows


def settle(api: APIClient, task: int, outcome: str, reason: str = "legs") -> Any:
    return api.post(f"/api/v1/tasks/{task}/settle", {"outcome": outcome, "reason": reason})


def frozen(campaign: Campaign) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    folder = artifacts.local_folder(snapshot_freeze(campaign=campaign).folder, (MANIFEST, TRIPLETS))
    rows = [row for _, row in read_lines((folder / TRIPLETS).read_bytes(), TRIPLETS)]
    return json.loads((folder / MANIFEST).read_bytes()), rows


def test_an_answer_settles_the_tie_and_is_stated_everywhere(
    operator_api: APIClient, campaign: Campaign
) -> None:
    before, rows = frozen(campaign)
    assert (before["counts"]["ties"], len(rows)) == (1, 2)
    assert "experts" not in before["consensus"]  # equal votes give the same bytes as ever
    (split,) = [row for row in disputed(operator_api, campaign) if row["status"] == "exhausted"]
    n_votes = Vote.objects.count()
    answer = settle(operator_api, split["task_id"], "b").json()
    assert answer["expert"] | {"created_at": ""} == {
        "outcome": "b", "reason": "legs", "by": "operator", "created_at": "",
    }  # fmt: skip
    assert Vote.objects.count() == n_votes
    assert Task.objects.get(pk=split["task_id"]).status == "exhausted"  # counts are of votes alone
    assert counts_check() == []

    stored = Consensus.objects.filter(task=split["task_id"])
    assert set(stored.values_list("outcome", "probability", "expert__by__username")) == {
        ("b", None, "operator")
    }
    assert stored.first().counts == {"a": 2, "b": 2, "cant_tell": 0}  # type: ignore[union-attr]
    assert consensus_check(campaign=campaign, now=timezone.now()) == []
    assert consensus_recompute(campaign=campaign, now=timezone.now()).n_written == 0

    manifest, rows = frozen(campaign)
    assert manifest["consensus"]["experts"] == 1
    assert (manifest["counts"]["ties"], len(rows)) == (0, 3)
    (row,) = [row for row in rows if row.get("expert")]
    assert row["votes"] == {"positive": 2, "negative": 2, "cant_tell": 0}
    parsed = read_triplet(row, "here")
    assert (parsed.n_positive, parsed.n_negative) == (1, 0)  # votes that cancel out would teach nothing
    figures = operator_api.get(f"/api/v1/campaigns/{campaign.pk}/agreement/").json()
    assert (figures["n_expert"], figures["n_tied"]) == (1, 1)


def test_the_last_answer_counts_and_can_be_withdrawn(operator_api: APIClient, campaign: Campaign) -> None:
    clear = Task.objects.filter(campaign=campaign, n_a=3).get().pk
    sha = snapshot_freeze(campaign=campaign).sha256
    settle(operator_api, clear, "b")
    settle(operator_api, clear, "tie", reason="neither")
    manifest, rows = frozen(campaign)
    assert (manifest["consensus"]["experts"], manifest["counts"]["ties"], len(rows)) == (1, 2, 1)
    settle(operator_api, clear, "", reason="a slip")
    assert consensus_check(campaign=campaign, now=timezone.now()) == []
    stored = Consensus.objects.filter(task=clear)
    assert {(row.outcome, row.expert) for row in stored} == {("a", None)}
    assert snapshot_freeze(campaign=campaign).sha256 == sha
    assert ExpertAnswer.objects.count() == 3  # rows are added, never changed
    log = [
        (one.action, one.facts["before"], one.facts["after"]) for one in AuditEvent.objects.order_by("id")[2:]
    ]
    assert log == [
        ("dispute.settle", {"outcome": None}, {"outcome": "b"}),
        ("dispute.settle", {"outcome": "b"}, {"outcome": "tie"}),
        ("dispute.withdraw", {"outcome": "tie"}, {"outcome": None}),
    ]


def test_workers_are_measured_by_the_experts_answer(operator_api: APIClient, campaign: Campaign) -> None:
    def skills() -> list[tuple[float, int]]:
        aggregation_refresh(campaign=campaign, now=timezone.now())
        rows = operator_api.get(f"/api/v1/campaigns/{campaign.pk}/workers/").json()["results"]
        return [(row["skill"]["share"], row["skill"]["n"]) for row in rows]

    # On the split triplet, the three others always lean against one's own answer.
    two_thirds = pytest.approx(2 / 3)
    assert skills() == [(two_thirds, 3), (two_thirds, 3), (two_thirds, 3), (0.0, 2)]
    settle(operator_api, Task.objects.get(campaign=campaign, status="exhausted").pk, "b")
    assert skills() == [(two_thirds, 3), (two_thirds, 3), (1.0, 3), (0.5, 2)]


def test_only_disputes_with_votes_can_be_settled_and_only_by_operators(
    operator_api: APIClient, api: APIClient, campaign: Campaign
) -> None:
    fresh = Task.objects.filter(campaign=campaign).first()
    assert fresh
    assert settle(api, fresh.pk, "a").status_code in (401, 403)
    assert settle(operator_api, fresh.pk, "").status_code == 409  # nothing to withdraw
    assert settle(operator_api, fresh.pk, "c").json()["field"] == "outcome"
    empty = Campaign.objects.create(title="New", slug="new")
    tasks_create(
        campaign=empty,
        tasks=[
            Task(
                kind="triplets",
                sketch=make_sketch(),
                candidate_a_id=fresh.candidate_a_id,
                candidate_b_id=fresh.candidate_b_id,
            )
        ],
        by=None,
    )
    refused = settle(operator_api, empty.tasks.get().pk, "a")
    assert (refused.status_code, "no counted answer" in refused.json()["detail"]) == (409, True)

"""REST API of gates, models and lineage: for an operator, a stranger, an anonymous user."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from annotation.models import Campaign, Vote
from webapp.accounts.models import User
from webapp.registry.gates.services import gate_run
from webapp.registry.models import (
    DatasetSnapshot,
    GateReport,
    ModelVersion,
    RecordedQuery,
    Release,
    TrainingRun,
)

PATHS = ["gates/", "gates/1/", "models/", "models/1/", "releases/1/lineage/", "votes/1/lineage/"]


@pytest.mark.parametrize(("who", "status"), [("api", 401), ("stranger_api", 403)])
@pytest.mark.parametrize("path", PATHS)
def test_only_operators_have_access(
    request: pytest.FixtureRequest, db: None, who: str, status: int, path: Any
) -> None:
    assert request.getfixturevalue(who).get(f"/api/v1/{path}").status_code == status


def test_an_operator_requests_a_gate_and_reads_it(
    operator_api: APIClient,
    operator: User,
    candidate: Release,
    release: Release,
    frozen: Callable[..., DatasetSnapshot],
) -> None:
    frozen(test=1.0)
    sketch = {"width": 100, "height": 100, "strokes": [[[10, 10], [90, 90]]]}
    RecordedQuery.objects.create(sketch=sketch, release=release, product_ids=[], scores=[])
    requested = operator_api.post("/api/v1/gates/", {"release": candidate.pk})
    assert requested.status_code == 201
    gate = requested.json()
    assert (gate["release"], gate["against"], gate["status"]) == (candidate.pk, release.pk, "queued")
    gate_run(report=GateReport.objects.get(pk=gate["id"]))

    listed = operator_api.get(f"/api/v1/gates/?release={candidate.pk}").json()
    assert [row["id"] for row in listed["results"]] == [gate["id"]]
    assert operator_api.get(f"/api/v1/gates/?release={release.pk}").json()["count"] == 0
    body = operator_api.get(f"/api/v1/gates/{gate['id']}/").json()
    assert body["passed"] is all(reason["ok"] for reason in body["reasons"])
    assert body["report"]["metrics"]["acc@10"]["n"] == 12
    answer = body["report"]["canary"]["examples"][0]["candidate"][0]
    assert set(answer["product"]) == {"id", "name", "url", "thumb_url", "photo_url"}


def test_impossible_requests_are_refused(operator_api: APIClient, db: None) -> None:
    refused = operator_api.post("/api/v1/gates/", {"release": 999})
    assert (refused.status_code, refused.json()["field"]) == (400, "release")
    assert operator_api.get("/api/v1/gates/?release=x").status_code == 400
    assert operator_api.get("/api/v1/models/999/").status_code == 404


def test_models_show_their_indexes_and_releases(
    operator_api: APIClient, candidate: Release, release: Release
) -> None:
    listed = operator_api.get("/api/v1/models/").json()["results"]
    assert [row["id"] for row in listed] == [candidate.model.pk, release.model.pk]
    body = operator_api.get(f"/api/v1/models/{candidate.model.pk}/").json()
    assert body["card"].startswith("# Tiny")
    assert [row["id"] for row in body["releases"]] == [candidate.pk]
    assert [(row["status"], row["n_photos"]) for row in body["indexes"]] == [("ready", 12)]
    assert (body["training_run"], body["pictures"], body["tuned_from"]) == (None, [], None)


@pytest.fixture
def trained(candidate: Release, frozen: Callable[..., DatasetSnapshot]) -> TrainingRun:
    """The candidate, as if trained by a run on the frozen votes."""
    run = TrainingRun.objects.create(snapshot=frozen(), system="sketchfind", status="done")
    ModelVersion.objects.filter(pk=candidate.model.pk).update(training_run=run)
    return run


def test_from_a_release_back_to_the_votes(
    operator_api: APIClient, candidate: Release, release: Release, campaign: Campaign, trained: TrainingRun
) -> None:
    body = operator_api.get(f"/api/v1/releases/{candidate.pk}/lineage/").json()
    assert (body["run"]["id"], body["snapshot"]["id"]) == (trained.pk, trained.snapshot_id)
    assert [one["slug"] for one in body["campaigns"]] == [campaign.slug]
    assert body["n_votes"] == 72
    shipped = operator_api.get(f"/api/v1/releases/{release.pk}/lineage/").json()
    assert (shipped["run"], shipped["snapshot"], shipped["campaigns"], shipped["n_votes"]) == (
        None,
        None,
        [],
        0,
    )


def test_from_a_vote_forward_to_the_answers(
    operator_api: APIClient, candidate: Release, campaign: Campaign, vote: Vote, trained: TrainingRun
) -> None:
    found = [vote.task.candidate_a_id]
    other = (vote.task.candidate_b_id or 0) + 1000
    RecordedQuery.objects.create(sketch={}, release=candidate, product_ids=found, scores=[0.5])
    RecordedQuery.objects.create(sketch={}, release=candidate, product_ids=[other], scores=[0.5])
    body = operator_api.get(f"/api/v1/votes/{vote.pk}/lineage/").json()
    assert (body["vote"]["id"], body["campaign"]["id"]) == (vote.pk, campaign.pk)
    assert "worker" not in body["vote"]
    assert [one["id"] for one in body["snapshots"]] == [trained.snapshot_id]
    assert [one["id"] for one in body["runs"]] == [trained.pk]
    assert [one["id"] for one in body["models"]] == [candidate.model.pk]
    assert [one["id"] for one in body["releases"]] == [candidate.pk]
    assert [one["product_ids"] for one in body["answers"]] == [found]


def undone(vote: Vote, at: Any) -> None:
    Vote.objects.create(
        assignment=vote.assignment,
        task=vote.task,
        worker=vote.worker,
        choice=Vote.Choice.UNDO,
        revokes=vote,
        idempotency_key=f"undo-{vote.pk}",
        created_at=at,
    )
    Vote.objects.filter(pk=vote.pk).update(counted=False)


@pytest.mark.parametrize("before", [False, True])
def test_a_vote_undone_after_the_snapshot_was_learnt_from(
    operator_api: APIClient, vote: Vote, frozen: Callable[..., DatasetSnapshot], before: bool
) -> None:
    now = timezone.now()
    snapshot = frozen()
    undone(vote, now if before else timezone.now())
    body = operator_api.get(f"/api/v1/votes/{vote.pk}/lineage/").json()
    assert body["vote"]["counted"] is False
    assert [one["id"] for one in body["snapshots"]] == ([] if before else [snapshot.pk])


def test_a_fine_tuned_model_inherits_the_votes(
    operator_api: APIClient, candidate: Release, release: Release, trained: TrainingRun, vote: Vote
) -> None:
    later = TrainingRun.objects.create(
        snapshot=trained.snapshot, system="sketchfind", status="done", base_model=candidate.model
    )
    ModelVersion.objects.filter(pk=release.model.pk).update(training_run=later)
    body = operator_api.get(f"/api/v1/releases/{release.pk}/lineage/").json()
    assert [one["id"] for one in body["runs"]] == [later.pk, trained.pk]
    assert len(body["snapshots"]) == 1
    body = operator_api.get(f"/api/v1/votes/{vote.pk}/lineage/").json()
    assert [one["id"] for one in body["runs"]] == [trained.pk, later.pk]

"""The operators' API: campaigns and their tasks, workers and progress. Nobody else has access."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from annotation.models import AuditEvent, Campaign, Enrolment, Task, Vote
from tests.support.crowd import HttpWorker, key, make_campaign, make_products, make_sketch

pytestmark = pytest.mark.django_db
NEW = {"kind": "triplets", "title": "Chairs", "slug": "chairs"}


def test_from_draft_to_archive(operator_api: APIClient) -> None:
    made = operator_api.post("/api/v1/campaigns/", {**NEW, "votes_per_task": 5})
    assert made.status_code == 201
    here = f"/api/v1/campaigns/{made.json()['id']}/"
    assert operator_api.post(f"{here}open").json()["field"] == "tasks"
    a, b = make_products(2)
    row = {"sketch": make_sketch().pk, "candidate_a": a.pk, "candidate_b": b.pk}
    assert operator_api.post(f"{here}tasks/", {"tasks": [row]}).json() == {"made": 1, "known": 0}
    assert operator_api.post(f"{here}tasks/", {"tasks": [row]}).json() == {
        "made": 0,
        "known": 1,
    }  # once per campaign
    states = [operator_api.post(f"{here}{step}") for step in ("open", "pause", "resume", "close", "archive")]
    assert [state.json()["status"] for state in states] == ["open", "paused", "open", "closed", "archived"]
    assert operator_api.post(f"{here}open").status_code == 409
    task = Task.objects.get()
    assert (task.n_votes, task.n_wanted, task.kind) == (5, 3, "triplets")
    log = operator_api.get(f"{here}audit/").json()["results"]
    steps = ["create", "open", "pause", "resume", "close", "archive"]
    assert [e["action"] for e in reversed(log) if e["action"] != "tasks.create"] == [
        f"campaign.{s}" for s in steps
    ]
    assert {e["by"] for e in log} == {"operator"}


def test_fields_that_affect_counting_are_fixed_once_open(operator_api: APIClient) -> None:
    campaign = make_campaign(1)
    here = f"/api/v1/campaigns/{campaign.pk}/"
    refused = operator_api.patch(here, {"votes_per_task": 9})
    assert refused.status_code == 409
    assert "votes_per_task" in refused.json()["detail"]
    assert operator_api.patch(here, {"title": "Armchairs"}).json()["title"] == "Armchairs"
    assert AuditEvent.objects.get(action="campaign.update").facts["after"] == {"title": "Armchairs"}


def test_changing_votes_per_task_of_a_draft_updates_its_tasks(operator_api: APIClient) -> None:
    campaign = make_campaign(2, status="draft")
    operator_api.patch(f"/api/v1/campaigns/{campaign.pk}/", {"votes_per_task": 1})
    assert set(Task.objects.values_list("n_votes", "n_wanted")) == {(1, 1)}


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"gold_share": 0.9}, "gold_share"),
        ({"votes_per_task": 0}, "votes_per_task"),
        ({"slug": "no slug"}, "slug"),
        ({"settings": {"ontology": [{"slug": "x"}]}}, "settings"),
        ({"settings": {"ontology": [{"slug": "x", "en": "X"}] * 2}}, "settings"),
        ({"settings": {"exposure_s": "long"}}, "settings"),
        ({"settings": {"completion_url": "javascript:alert(1)"}}, "settings"),
        ({"settings": {"translations": {"de": "Stühle"}}}, "settings"),
        ({"settings": {"attributes_from": "first"}}, "settings"),
        ({"settings": {"licence": "x" * 201}}, "settings"),
        ({"requiredanswers": 5}, "requiredanswers"),
        ({"required_answers": 10**12}, "required_answers"),
        ({"undo_steps": 10**6}, "undo_steps"),
        ({"instructions": "x" * 200_000}, "instructions"),
    ],
)
def test_a_wrong_field_is_named(operator_api: APIClient, change: Any, word: str) -> None:
    refused = operator_api.post("/api/v1/campaigns/", {**NEW, **change})
    assert refused.status_code == 400
    assert refused.json()["field"].startswith(word)
    assert not Campaign.objects.exists()


@pytest.mark.parametrize(
    ("kind", "row", "word"),
    [
        ("triplets", {"sketch": 1}, "tasks[0]"),
        ("triplets", {"sketch": 1, "candidate_a": 2, "candidate_b": 1}, "tasks[0].candidate_a"),
        (
            "triplets",
            {"sketch": 1, "candidate_a": 1, "candidate_b": 2, "is_gold": True},
            "tasks[0].gold_answer",
        ),
        ("triplets", {"sketch": 10**9, "candidate_a": 1, "candidate_b": 2}, "tasks.sketch"),
        ("sketches", {"sketch": 1}, "tasks[0]"),
        (
            "attributes",
            {"product": 1, "is_training": True, "gold_answer": {"x": True}},
            "tasks[0].gold_answer",
        ),
    ],
)
def test_a_task_that_does_not_fit_the_kind_is_refused_by_field(
    operator_api: APIClient, kind: str, row: Any, word: str
) -> None:
    campaign = make_campaign(0, kind=kind, status="draft")
    refused = operator_api.post(f"/api/v1/campaigns/{campaign.pk}/tasks/", {"tasks": [row]})
    assert refused.status_code == 400
    assert refused.json()["field"] == word


def test_progress_reports_counts_and_cost(operator_api: APIClient) -> None:
    campaign = make_campaign(3, settings={"cost_per_answer": 0.05, "currency": "EUR"})
    for _ in range(2):
        worker = HttpWorker(campaign)
        card = worker.next()
        a = Task.objects.order_by("position")[0].candidate_a_id
        worker.vote(card["id"], "left" if card["left"]["id"] == a else "right")
    progress = operator_api.get(f"/api/v1/campaigns/{campaign.pk}/progress/").json()
    expected = {"n_tasks": 3, "n_decided": 1, "n_open": 2, "n_votes": 2, "n_counted": 2, "n_workers": 2}
    assert {name: progress[name] for name in expected} == expected
    assert (progress["cost"], progress["cost_per_decided"], progress["active_workers"]) == (0.1, 0.1, 2)
    assert sum(n for _, n in progress["history"]) == 2
    (row,) = operator_api.get("/api/v1/campaigns/").json()["results"]
    assert (row["n_decided"], row["n_votes"], row["title"]) == (1, 2, campaign.title)


def test_disputed_triplets_include_their_votes(operator_api: APIClient) -> None:
    campaign = make_campaign(2, votes_per_task=2, stop_when_decided=False)
    for side in ("left", "right"):
        worker = HttpWorker(campaign)
        for _ in range(2):
            card = worker.next()
            task = Task.objects.get(assignments=card["id"])
            a_left = card["left"]["id"] == task.candidate_a_id
            for_a = side == "left" or task.position == 0  # all agree on the first
            worker.vote(card["id"], "left" if for_a == a_left else "right")
    (row,) = operator_api.get(f"/api/v1/campaigns/{campaign.pk}/disputed/").json()["results"]
    assert row["task_id"] == campaign.tasks.get(position=1).pk
    assert [vote["choice"] for vote in row["votes"]] == ["a", "b"]


def test_a_worker_is_warned_blocked_and_unblocked(operator_api: APIClient) -> None:
    campaign = make_campaign(3)
    worker = HttpWorker(campaign)
    worker.vote(worker.next()["id"])
    worker.next()
    (row,) = operator_api.get(f"/api/v1/campaigns/{campaign.pk}/workers/").json()["results"]
    assert (row["n_votes"], row["status"], row["worker"]) == (
        1,
        "new",
        f"W{Enrolment.objects.get().worker_id}",
    )
    here = f"/api/v1/enrolments/{row['enrolment_id']}/"
    assert operator_api.post(f"{here}warn", {"reason": "Look closer."}).json()["status"] == "warned"
    assert worker.next()["warning"] == "Look closer."
    assert operator_api.post(f"{here}block").json()["field"] == "reason"
    assert operator_api.post(f"{here}block", {"reason": "clicks"}).json()["status"] == "blocked"
    assert worker.here("next").status_code == 403
    assert Task.objects.filter(n_leased__gt=0).count() == 0  # held assignments are returned
    assert Vote.objects.get().counted  # their votes stay
    operator_api.post(f"{here}unblock", {"reason": "was a mistake"})
    assert worker.next() is not None
    actions = AuditEvent.objects.filter(action__startswith="enrolment").values_list("action", "reason")
    assert set(actions) >= {("enrolment.block", "clicks"), ("enrolment.unblock", "was a mistake")}


OPERATORS_ONLY = [
    ("get", "campaigns/"),
    ("post", "campaigns/"),
    ("get", "campaigns/{c}/"),
    ("patch", "campaigns/{c}/"),
    *(("post", f"campaigns/{{c}}/{step}") for step in ("open", "pause", "resume", "close", "archive")),
    *(
        ("get", f"campaigns/{{c}}/{part}/")
        for part in ("progress", "preview", "audit", "tasks", "workers", "disputed", "agreement")
    ),
    ("post", "campaigns/{c}/tasks/"),
    ("get", "campaigns/{c}/snapshots/"),
    ("post", "campaigns/{c}/snapshots/"),
    ("get", "snapshots/1/export"),
    *(
        ("get", f"campaigns/{{c}}/export/{what}")
        for what in ("votes", "study", "drawings", "codebook", "datasheet")
    ),
    ("get", "campaigns/{c}/attributes/"),
    ("get", "campaigns/{c}/attribute-tables/"),
    ("post", "campaigns/{c}/attribute-tables/"),
    ("get", "attribute-tables/"),
    ("get", "attribute-tables/1/export"),
    ("get", "sketches/"),
    *(("post", f"enrolments/{{e}}/{act}") for act in ("block", "unblock", "warn")),
]


@pytest.mark.parametrize(("method", "path"), OPERATORS_ONLY)
def test_only_operators(
    api: APIClient, stranger_api: APIClient, operator_api: APIClient, method: Any, path: Any
) -> None:
    campaign = make_campaign(1)
    worker = HttpWorker(campaign)
    address = "/api/v1/" + path.format(c=campaign.pk, e=worker.enrolment["id"])
    assert getattr(api, method)(address).status_code == 401
    assert getattr(stranger_api, method)(address).status_code == 403
    assert getattr(worker.api, method)(address).status_code == 401
    assert getattr(operator_api, method)(address).status_code not in {401, 403}
    campaign.refresh_from_db()
    assert Enrolment.objects.get().campaign == campaign


WORKERS_ONLY = [
    ("get", "campaigns/{c}/me"),
    *(("post", f"campaigns/{{c}}/{act}") for act in ("next", "leave", "complete")),
    *(
        ("post", f"assignments/{{a}}/{act}")
        for act in (
            "vote",
            "undo",
            "renew",
            "return",
            "attributes",
            "sketch",
            "exposure/start",
            "exposure/end",
        )
    ),
    ("get", "worker/export/"),
    ("post", "worker/erase/"),
]
BODY = {"choice": "left", "idempotency_key": key(), "cant": True, "skip": True}


@pytest.mark.parametrize(("method", "path"), WORKERS_ONLY)
def test_only_workers(api: APIClient, operator_api: APIClient, method: Any, path: Any) -> None:
    worker = HttpWorker(make_campaign(1))
    address = "/api/v1/" + path.format(c=worker.campaign.pk, a=worker.next()["id"])
    assert getattr(api, method)(address, BODY).status_code == 401
    assert getattr(operator_api, method)(address, BODY).status_code == 401
    assert not Vote.objects.exists()


@pytest.mark.parametrize("path", [p for _, p in WORKERS_ONLY if "{" in p and "me" not in p])
def test_a_stranger_cannot_use_another_workers_assignment(path: Any) -> None:
    owner, stranger = HttpWorker(make_campaign(1)), HttpWorker(make_campaign(1))
    address = "/api/v1/" + path.format(c=owner.campaign.pk, a=owner.next()["id"])
    refused = stranger.api.post(address, BODY)
    assert refused.status_code == (403 if "campaigns" in path else 404)
    assert not Vote.objects.exists()

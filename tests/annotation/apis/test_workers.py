"""Joining and leaving: consent, accounts, panels, completion, personal data."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings
from rest_framework.test import APIClient

from annotation.models import Campaign, Enrolment, Task, Vote, Worker
from tests.support.crowd import HttpWorker, key, make_campaign
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db
PROLIFIC = {"provider": "PROLIFIC", "worker": "5f1", "study": "s1", "session": "x1"}


def join(api: APIClient, campaign: Campaign, **body: Any) -> Any:
    return api.post(f"/api/v1/campaigns/{campaign.pk}/join", {"consent": True, **body})


def test_without_consent_nobody_joins(api: APIClient) -> None:
    refused = join(api, make_campaign(1), consent=False)
    assert refused.json()["field"] == "consent"
    assert not Worker.objects.exists()


def test_two_browsers_at_one_address_are_two_workers(api: APIClient, client: Client) -> None:
    campaign = make_campaign(1)
    for _ in range(2):
        join(type(api)(), campaign)
    assert Worker.objects.count() == 2
    assert {w.panel_id for w in Worker.objects.all()} == {""}


def test_joining_again_gives_the_same_worker(api: APIClient, owner_api: APIClient) -> None:
    campaign = make_campaign(1)
    for who in (api, owner_api):
        assert join(who, campaign).json()["enrolment"] == join(who, campaign).json()["enrolment"]
    assert Worker.objects.count() == 2
    assert Worker.objects.get(user__username="owner")


def test_a_panels_link_names_worker_study_and_session() -> None:
    campaign = make_campaign(1)
    first = HttpWorker(campaign, panel=PROLIFIC)
    assert (
        HttpWorker(campaign, panel={**PROLIFIC, "worker": "other"}).enrolment["id"] != first.enrolment["id"]
    )
    enrolment = Enrolment.objects.get(pk=first.enrolment["id"])
    assert (enrolment.study_id, enrolment.panel_session, enrolment.worker.panel) == ("s1", "x1", "PROLIFIC")


def test_a_second_participant_on_a_shared_computer_is_another_worker(api: APIClient) -> None:
    campaign = make_campaign(1)
    ids = [
        join(api, campaign, panel={**PROLIFIC, "worker": number}).json()["enrolment"]["id"]
        for number in ("one", "two")
    ]
    assert len(set(ids)) == 2


def test_a_forged_token_is_refused(api: APIClient) -> None:
    campaign = make_campaign(1)
    token = HttpWorker(campaign).token
    for forged in (token[:-1] + ("A" if token[-1] != "A" else "B"), "x", "", '[1,"k"]'):
        api.credentials(HTTP_AUTHORIZATION=f"Worker {forged}")
        assert api.post(f"/api/v1/campaigns/{campaign.pk}/next").status_code == 401


@pytest.mark.parametrize(
    ("status", "code"), [("draft", 404), ("closed", 409), ("archived", 409), ("paused", 201)]
)
def test_only_a_running_campaign_can_be_joined(api: APIClient, status: str, code: int) -> None:
    assert join(api, make_campaign(1, status=status)).status_code == code


def test_the_completion_code_requires_every_receipt() -> None:
    campaign = make_campaign(2, session_cap=2, settings={"completion_url": "https://panel.example/done"})
    worker = HttpWorker(campaign, panel=PROLIFIC)
    first = worker.next()["id"]
    receipts = [worker.vote(first)["receipt"]]
    assert "tasks left" in worker.here("complete").json()["detail"]
    second = worker.next()["id"]
    assert "still unanswered" in worker.here("complete").json()["detail"]
    receipts.append(worker.vote(second)["receipt"])
    refused = worker.here("complete", {"receipts": [*receipts, "v999999"]})
    assert (refused.status_code, "v999999" in refused.json()["detail"]) == (409, True)
    done = worker.here("complete", {"receipts": receipts}).json()
    assert done["completion_url"] == "https://panel.example/done"
    assert len(done["completion_code"]) == 8
    assert worker.here("complete").json() == done
    assert worker.next() is None


def test_a_panel_may_have_one_code_for_all() -> None:
    worker = HttpWorker(make_campaign(1, completion_code="CHAIRS"))
    worker.vote(worker.next()["id"])
    assert worker.here("complete").json()["completion_code"] == "CHAIRS"


def test_leaving_returns_held_assignments() -> None:
    worker = HttpWorker(make_campaign(4))
    worker.next(prefetch=3)
    assert worker.here("leave").status_code == 204
    assert not Task.objects.filter(n_leased__gt=0).exists()


def test_an_export_holds_only_the_workers_own_data() -> None:
    campaign = make_campaign(2)
    worker, other = HttpWorker(campaign, panel=PROLIFIC), HttpWorker(campaign)
    worker.vote(worker.next()["id"])
    other.vote(other.next()["id"])
    body = worker.api.get("/api/v1/worker/export/").json()
    assert (body["panel_id"], len(body["votes"])) == ("5f1", 1)
    assert body["enrolments"][0]["study_id"] == "s1"


def test_a_campaigns_audit_log_shows_the_erasure_of_its_participants(operator_api: APIClient) -> None:
    campaign, other = make_campaign(1), make_campaign(1)
    HttpWorker(campaign, panel=PROLIFIC).api.post("/api/v1/worker/erase/")
    HttpWorker(other, panel=PROLIFIC)
    logs = [
        operator_api.get(f"/api/v1/campaigns/{one.pk}/audit/").json()["results"] for one in (campaign, other)
    ]
    assert ["worker.erase" in [row["action"] for row in log] for log in logs] == [True, False]


def test_erasure_removes_the_identity_and_keeps_the_votes() -> None:
    campaign = make_campaign(3)
    worker = HttpWorker(campaign, panel=PROLIFIC)
    voted = worker.next()["id"]
    worker.vote(voted)
    held = worker.next()["id"]
    assert worker.api.post("/api/v1/worker/erase/").status_code == 204
    row = Worker.objects.get()
    assert (row.panel, row.panel_id, row.user) == ("", "", None)
    assert row.erased_at
    enrolment = Enrolment.objects.get()
    assert (enrolment.study_id, enrolment.panel_session) == ("", "")
    assert Vote.objects.filter(worker=row, counted=True).count() == 1
    assert not Task.objects.filter(n_leased__gt=0).exists()
    ended = [worker.here(path) for path in ("next", "leave", "complete")]
    body = {"choice": "left", "idempotency_key": key()}
    for path in (f"{held}/vote", f"{voted}/undo", f"{held}/renew", f"{held}/return"):
        ended.append(worker.api.post(f"/api/v1/assignments/{path}", body))
    assert [answer.status_code for answer in ended] == [401] * 7
    assert Vote.objects.count() == 1
    again = APIClient().post(
        f"/api/v1/campaigns/{campaign.pk}/join", {"consent": True, "panel": PROLIFIC}, format="json"
    )
    assert again.status_code == 403, "nobody answers a task twice"


def test_an_accounts_export_and_erasure_reach_its_worker(owner_api: APIClient, owner: User) -> None:
    campaign = make_campaign(1)
    join(owner_api, campaign)
    card = owner_api.post(f"/api/v1/campaigns/{campaign.pk}/next").json()
    body = {"choice": "left", "idempotency_key": key()}
    assert owner_api.post(f"/api/v1/assignments/{card['id']}/vote", body).status_code == 200
    assert len(owner_api.get("/api/v1/account/export/").json()["annotation"]["votes"]) == 1
    assert owner_api.post("/api/v1/account/erase/", {"username": "owner"}).status_code == 204
    assert Worker.objects.get().user is None
    assert Vote.objects.get().counted


def test_throttling_one_worker_does_not_affect_others(settings: Settings) -> None:
    settings.WORKER_REQUESTS_PER_MIN = 3
    campaign = make_campaign(1)
    hasty, patient = HttpWorker(campaign), HttpWorker(campaign)
    answers = [hasty.here("next") for _ in range(4)]
    assert [answer.status_code for answer in answers][-1] == 429
    assert int(answers[-1]["Retry-After"]) <= 60
    assert patient.here("next").status_code == 200

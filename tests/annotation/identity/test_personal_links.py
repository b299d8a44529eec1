"""Who may work under a panel number: the first browser, another one of the same person, a stranger."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from annotation.identity.personal_links import participant_token
from annotation.models import AuditEvent, Campaign, Enrolment, Vote, Worker
from annotation.models.panels import IMPORTED, REPLAYED, SYNTHETIC
from tests.support.crowd import HttpWorker, make_campaign

pytestmark = pytest.mark.django_db
PROLIFIC = {"provider": "PROLIFIC", "worker": "5f1"}
KEY = "a-secret-of-the-first-browser-0123456789"


def join(browser: APIClient, campaign: Campaign, **body: Any) -> Any:
    return browser.post(f"/api/v1/campaigns/{campaign.pk}/join", {"consent": True, **body})


def link_of(operator_api: APIClient, campaign: Campaign, **body: Any) -> str:
    """Return the token in a personal link that the operator creates."""
    answer = operator_api.post(f"/api/v1/campaigns/{campaign.pk}/participants/", {**PROLIFIC, **body})
    assert answer.status_code == 201, answer.json()
    parts = urlsplit(answer.json()["url"])
    assert parts.path == f"/annotate/{campaign.slug}/"
    assert parts.query == ""
    return str(parts.fragment.removeprefix("participant="))


@pytest.fixture
def campaign() -> Campaign:
    return make_campaign(3)


@pytest.fixture
def worker() -> APIClient:
    """The browser in which the participant starts."""
    return APIClient()


@pytest.fixture
def other_browser() -> APIClient:
    """The same participant's phone."""
    return APIClient()


@pytest.fixture
def stranger_browser() -> APIClient:
    """Someone who has seen the number in a URL."""
    return APIClient()


def test_an_answer_refused_after_moving_to_another_device_can_be_sent_again_after_coming_back(
    campaign: Campaign, operator_api: APIClient
) -> None:
    """Tokens of two devices; the second one takes over while the first one still has an answer to send."""
    link = link_of(operator_api, campaign)
    first = HttpWorker(campaign, participant=link)
    held = first.next()["id"]
    HttpWorker(campaign, participant=link)
    answer = {"choice": "left", "idempotency_key": "kept-in-the-browser"}
    assert first.on(held, "vote", **answer).status_code == 401
    back = HttpWorker(campaign, participant=link)
    assert back.on(held, "vote", **answer).status_code == 200
    assert Vote.objects.get().counted


def test_the_browser_that_started_can_continue(campaign: Campaign, worker: APIClient) -> None:
    first, again = join(worker, campaign, panel=PROLIFIC), join(worker, campaign, panel=PROLIFIC)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert worker.cookies["sketchfind_worker"]["httponly"]


def test_a_stranger_who_knows_the_number_is_refused(
    campaign: Campaign, worker: APIClient, stranger_browser: APIClient
) -> None:
    HttpWorker(campaign, panel=PROLIFIC)
    refused = join(stranger_browser, campaign, panel=PROLIFIC, browser_key=KEY)
    assert refused.status_code == 409
    assert "another browser" in refused.json()["detail"]
    assert "worker_token" not in refused.json()
    assert "sketchfind_worker" not in stranger_browser.cookies
    assert stranger_browser.get("/api/v1/worker/export/").status_code == 401
    assert stranger_browser.post("/api/v1/worker/erase/").status_code == 401
    assert stranger_browser.post(f"/api/v1/campaigns/{campaign.pk}/next").status_code == 401
    assert Worker.objects.count() == 1


def test_another_workers_token_does_not_open_the_number(
    campaign: Campaign, stranger_browser: APIClient
) -> None:
    HttpWorker(campaign, panel=PROLIFIC)
    join(stranger_browser, campaign)  # anonymous
    assert join(stranger_browser, campaign, panel=PROLIFIC).status_code == 409
    join(stranger_browser, campaign, panel={**PROLIFIC, "worker": "mine"})
    assert join(stranger_browser, campaign, panel=PROLIFIC).status_code == 409


def test_another_browser_cannot_make_the_number_count_twice(
    campaign: Campaign, other_browser: APIClient
) -> None:
    worker = HttpWorker(campaign, panel=PROLIFIC)
    worker.vote(worker.next()["id"])
    assert join(other_browser, campaign, panel=PROLIFIC).status_code == 409
    # Started in another campaign, then joined here without the number in the link.
    join(other_browser, make_campaign(1), panel=PROLIFIC)
    assert join(other_browser, campaign).status_code == 409
    assert Vote.objects.count() == 1


def test_another_browser_may_start_the_next_campaign_but_sees_nothing_of_the_last(
    campaign: Campaign, other_browser: APIClient
) -> None:
    worker = HttpWorker(campaign, panel=PROLIFIC)
    worker.vote(worker.next()["id"])
    following = make_campaign(1)
    assert join(other_browser, following, panel=PROLIFIC).status_code == 201
    export = other_browser.get("/api/v1/worker/export/").json()
    assert (export["panel_id"], export["votes"], len(export["enrolments"])) == ("5f1", [], 1)
    assert other_browser.post(f"/api/v1/campaigns/{campaign.pk}/next").status_code == 403
    assert join(worker.api, following, panel=PROLIFIC).status_code == 409


def test_the_same_browser_is_the_same_worker_in_the_next_campaign(
    campaign: Campaign, worker: APIClient
) -> None:
    for each in (campaign, make_campaign(1)):
        assert join(worker, each, panel=PROLIFIC).status_code == 201
    assert Worker.objects.count() == 1
    assert Enrolment.objects.filter(participant="PROLIFIC:5f1").count() == 2


def test_a_join_with_a_lost_response_can_be_repeated(campaign: Campaign, other_browser: APIClient) -> None:
    lost = join(APIClient(), campaign, panel=PROLIFIC, browser_key=KEY).json()
    again = join(APIClient(), campaign, panel=PROLIFIC, browser_key=KEY)
    assert (again.status_code, again.json()) == (201, lost)
    for guess in (KEY.upper(), KEY[:-1] + "0"):
        assert join(other_browser, campaign, panel=PROLIFIC, browser_key=guess).status_code == 409
    # The same secret for another number or campaign is another worker.
    assert (
        join(APIClient(), campaign, panel={**PROLIFIC, "worker": "6f2"}, browser_key=KEY).json()[
            "worker_token"
        ]
        != lost["worker_token"]
    )
    assert join(APIClient(), make_campaign(1), panel=PROLIFIC, browser_key=KEY).status_code == 201


def test_a_personal_link_moves_the_work_to_this_browser(
    campaign: Campaign, other_browser: APIClient, operator_api: APIClient
) -> None:
    worker = HttpWorker(campaign, panel=PROLIFIC)
    worker.vote(worker.next()["id"])
    token = link_of(operator_api, campaign)
    moved = join(other_browser, campaign, participant=token)
    assert moved.json()["enrolment"]["id"] == worker.enrolment["id"]
    assert len(other_browser.get("/api/v1/worker/export/").json()["votes"]) == 1
    assert (
        worker.here("next").status_code == 401
    )  # one browser at a time: a stranger who started first is signed out
    again = join(other_browser, campaign, participant=token)
    assert again.json() == moved.json()
    assert AuditEvent.objects.get(action="participant.link").campaign == campaign


def test_work_may_start_with_a_personal_link(
    campaign: Campaign, worker: APIClient, operator_api: APIClient
) -> None:
    assert join(worker, campaign, participant=link_of(operator_api, campaign)).status_code == 201
    assert Worker.objects.get().panel_id == "5f1"


def test_a_link_is_valid_for_one_campaign_until_it_expires(
    campaign: Campaign, other_browser: APIClient, operator_api: APIClient
) -> None:
    HttpWorker(campaign, panel=PROLIFIC)
    elsewhere = link_of(operator_api, make_campaign(1))
    signed: dict[str, Any] = {"campaign_id": campaign.pk, "provider": "PROLIFIC", "worker": "5f1"}
    expired = participant_token(**signed, until=timezone.now() - timedelta(seconds=1))
    forged = participant_token(**signed, until=timezone.now() + timedelta(days=1))[:-1] + "_"
    for token, why in (
        (elsewhere, "another campaign"),
        (expired, "expired"),
        (forged, "whole link"),
        ("x", "link"),
    ):
        refused = join(other_browser, campaign, participant=token)
        assert (refused.status_code, refused.json()["field"]) == (400, "participant")
        assert why in refused.json()["detail"]


def test_only_operators_create_links_and_only_for_external_panels(
    campaign: Campaign, api: APIClient, stranger_api: APIClient, operator_api: APIClient
) -> None:
    path = f"/api/v1/campaigns/{campaign.pk}/participants/"
    assert api.post(path, PROLIFIC).status_code == 401
    assert stranger_api.post(path, PROLIFIC).status_code == 403
    refused = operator_api.post(path, {**PROLIFIC, "provider": SYNTHETIC})
    assert (refused.status_code, refused.json()["field"]) == (400, "provider")
    assert operator_api.post(path, {**PROLIFIC, "days": 61}).json()["field"] == "days"


@pytest.mark.parametrize("provider", [SYNTHETIC, REPLAYED, IMPORTED])
def test_internal_panels_are_refused(campaign: Campaign, api: APIClient, provider: str) -> None:
    refused = join(api, campaign, panel={**PROLIFIC, "provider": provider})
    assert (refused.status_code, refused.json()["field"]) == (400, "panel.provider")
    assert not Worker.objects.exists()


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("{{%PROLIFIC_PID%}}", "did not fill in"),
        ("%SURVEY_CODE%", "did not fill in"),
        ("${e://Field/id}", "did not fill in"),
        ("ASSIGNMENT_ID_NOT_AVAILABLE", "did not fill in"),
        ("PROLIFIC_PID", "did not fill in"),
        ("workerId", "did not fill in"),
        ("undefined", "did not fill in"),
        ("null", "did not fill in"),
        ("", "blank"),
        ("   ", "blank"),
        ("5" * 121, "120 characters"),
        ("5f\x07", "letters, digits"),
        ("5f\n6", "letters, digits"),
        ("5f\x00", "U+0000"),
        ("\u202e5f", "letters, digits"),
        ("5f 6", "letters, digits"),
    ],
)
@pytest.mark.parametrize("field", ["worker", "study"])
def test_an_invalid_number_is_refused_by_field(
    campaign: Campaign, api: APIClient, field: str, number: str, why: str
) -> None:
    if field == "study" and not number.strip():
        return  # the study is optional
    refused = join(api, campaign, panel={**PROLIFIC, field: number})
    assert (refused.status_code, refused.json()["field"]) == (400, f"panel.{field}")
    assert why in refused.json()["detail"]
    assert not Worker.objects.exists()


def test_after_erasure_the_number_starts_anew_and_the_old_token_is_revoked(
    campaign: Campaign, worker: APIClient, other_browser: APIClient
) -> None:
    join(worker, campaign, panel=PROLIFIC, browser_key=KEY)
    assert worker.post("/api/v1/worker/erase/").status_code == 204
    assert Enrolment.objects.get().participant is None
    assert join(other_browser, campaign, panel=PROLIFIC, browser_key=KEY).status_code == 201
    assert Worker.objects.exclude(erased_at=None).count() == 1

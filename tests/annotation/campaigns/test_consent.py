"""A study's own consent text, contact and privacy notice: shown, and stored with each enrolment by version."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from annotation.models import AuditEvent, Campaign, Enrolment
from annotation.services.workers.personal_data import worker_export
from annotation.views.work import campaign_payload
from tests.support.crowd import HttpWorker, make_campaign

pytestmark = pytest.mark.django_db
TEXTS: dict[str, Any] = {
    "text": "You agree to judge shoes.",
    "contact": "lab@example.org",
    "privacy": "Kept for ten years.",
    "translations": {"de": {"text": "Sie beurteilen Schuhe."}},
}


@pytest.fixture
def campaign(operator_api: APIClient) -> Campaign:
    campaign = make_campaign(2)
    assert operator_api.put(f"/api/v1/campaigns/{campaign.pk}/consent/", TEXTS).status_code == 200
    return campaign


def join(api: APIClient, campaign: Campaign, **body: Any) -> Any:
    return api.post(f"/api/v1/campaigns/{campaign.pk}/join", {"consent": True, **body})


def test_each_change_is_a_version_and_no_change_none(campaign: Campaign, operator_api: APIClient) -> None:
    here = f"/api/v1/campaigns/{campaign.pk}/consent/"
    assert [one["number"] for one in operator_api.put(here, TEXTS).json()] == [1]
    versions = operator_api.put(here, {**TEXTS, "privacy": "Kept for two years."}).json()
    assert [(one["number"], one["privacy"]) for one in versions] == [
        (2, "Kept for two years."),
        (1, "Kept for ten years."),
    ]
    assert operator_api.put(here, {"text": " "}).json()["field"] == "text"
    assert operator_api.put(here, {**TEXTS, "privac": "Kept."}).json()["field"] == "privac"
    misspelt = {"de": {"text": "Sie beurteilen Schuhe.", "kontakt": "lab@example.org"}}
    assert "kontakt" in operator_api.put(here, {**TEXTS, "translations": misspelt}).json()["field"]
    assert AuditEvent.objects.filter(action="consent.write").count() == 2


def test_joining_names_the_version_that_was_shown(campaign: Campaign, api: APIClient) -> None:
    refused = join(api, campaign)
    assert (refused.status_code, refused.json()["field"]) == (400, "consent_version")
    assert join(api, campaign, consent_version=7).status_code == 409
    assert not Enrolment.objects.exists()
    assert join(api, campaign, consent_version=1).status_code == 201
    enrolment = Enrolment.objects.get()
    assert enrolment.consent
    assert (enrolment.consent.number, enrolment.consented_at is not None) == (1, True)
    (exported,) = worker_export(enrolment.worker)["enrolments"]
    assert (exported["consent__number"], exported["consent__text"]) == (1, TEXTS["text"])


def test_a_changed_text_is_shown_again_and_the_old_version_stays_known(
    campaign: Campaign, operator_api: APIClient
) -> None:
    worker = HttpWorker(campaign, consent_version=1)
    here = f"/api/v1/campaigns/{campaign.pk}/consent/"
    operator_api.put(here, {**TEXTS, "text": "You agree to judge boots."})
    assert worker.next()  # who is at work is not stopped
    assert join(worker.api, campaign, consent_version=1).status_code == 409
    assert join(worker.api, campaign, consent_version=2).status_code == 201
    enrolment = Enrolment.objects.get()
    assert enrolment.consent
    assert enrolment.consent.number == 2
    event = AuditEvent.objects.get(action="enrolment.consent")
    assert (event.facts, event.worker) == ({"before": 1, "after": 2}, enrolment.worker)
    assert [one["n_enrolments"] for one in operator_api.get(here).json()] == [1, 0]


def test_the_page_shows_the_text_in_its_language(campaign: Campaign) -> None:
    from django.utils.translation import override

    with override("de"):
        consent = campaign_payload(campaign)["consent"]
    assert consent == {
        "version": 1,
        "text": "Sie beurteilen Schuhe.",
        "contact": "lab@example.org",
        "privacy": "Kept for ten years.",
    }
    assert campaign_payload(make_campaign(1))["consent"] is None


def test_without_a_text_of_its_own_nothing_changes(api: APIClient) -> None:
    campaign = make_campaign(1)
    assert join(api, campaign).status_code == 201
    enrolment = Enrolment.objects.get()
    assert enrolment.consent is None
    assert enrolment.consented_at


def test_contact_and_privacy_are_on_the_page_of_a_resting_campaign(
    campaign: Campaign, client: Client
) -> None:
    Campaign.objects.update(status="paused")
    page = client.get(f"/annotate/{campaign.slug}/", headers={"accept-language": "de"}).content.decode()
    assert "Kontakt" in page
    assert TEXTS["contact"] in page
    assert TEXTS["privacy"] in page
    assert (
        "Kontakt"
        not in client.get(
            f"/annotate/{make_campaign(1, status='paused').slug}/", headers={"accept-language": "de"}
        ).content.decode()
    )

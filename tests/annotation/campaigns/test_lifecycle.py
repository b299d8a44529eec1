"""Warnings before opening, deleting drafts, duplicating, reopening."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from annotation.models import AuditEvent, Campaign, ConsentVersion, Task, Vote
from tests.support.crowd import HttpWorker, make_campaign

pytestmark = pytest.mark.django_db


def test_opening_without_the_gold_that_the_shares_ask_for_must_be_confirmed(operator_api: APIClient) -> None:
    campaign = make_campaign(2, status="draft", gold_share=0.1, qualification_share=0.5)
    here = f"/api/v1/campaigns/{campaign.pk}/"
    shown = operator_api.get(here).json()["warnings"]
    assert [(one["code"], one["confirm"]) for one in shown] == [
        ("no_gold", True),
        ("no_practice", True),
        ("no_consent", False),
    ]
    assert "10 %" in shown[0]["text"]
    refused = operator_api.post(f"{here}open", {})
    assert (refused.status_code, refused.json()["field"]) == (400, "confirm")
    assert operator_api.get(here).json()["status"] == "draft"
    _, practice = Task.objects.all()
    operator_api.put(f"/api/v1/tasks/{practice.pk}/", {"role": "practice", "answer": "a"})
    assert [one["code"] for one in operator_api.get(here).json()["warnings"]] == ["no_gold", "no_consent"]
    opened = operator_api.post(f"{here}open", {"confirm": True})
    assert opened.json()["status"] == "open"
    assert AuditEvent.objects.get(action="campaign.open").facts["warnings"] == ["no_gold", "no_consent"]


def test_a_draft_is_deleted_with_its_tasks_and_its_events_stay(operator_api: APIClient) -> None:
    campaign = make_campaign(3, status="draft")
    operator_api.put(f"/api/v1/campaigns/{campaign.pk}/consent/", {"text": "You agree."})
    assert operator_api.delete(f"/api/v1/campaigns/{campaign.pk}/").status_code == 204
    assert not Campaign.objects.exists()
    assert not Task.objects.exists()
    assert AuditEvent.objects.get(action="campaign.delete").facts["slug"] == campaign.slug
    assert AuditEvent.objects.filter(action="tasks.create").exists()


def test_what_was_ever_opened_is_never_deleted(operator_api: APIClient) -> None:
    campaign = make_campaign(1, status="draft")
    here = f"/api/v1/campaigns/{campaign.pk}/"
    operator_api.post(f"{here}open", {})
    assert operator_api.delete(here).status_code == 409
    operator_api.post(f"{here}close", {})
    assert operator_api.delete(here).status_code == 409
    assert Campaign.objects.exists()


def test_a_duplicate_has_settings_consent_and_tasks_but_no_votes(operator_api: APIClient) -> None:
    campaign = make_campaign(3, votes_per_task=5, settings={"reward": 2, "currency": "EUR"})
    ConsentVersion.objects.create(campaign=campaign, number=3, text="You agree.")
    worker = HttpWorker(campaign, consent_version=3)
    worker.vote(worker.next()["id"])
    settled = Task.objects.filter(n_counted=1).get()
    Task.objects.filter(pk=settled.pk).update(status="decided")
    operator_api.put(f"/api/v1/tasks/{settled.pk}/", {"role": "gold", "answer": "a"})
    here = f"/api/v1/campaigns/{campaign.pk}/duplicate"
    made = operator_api.post(here, {"title": "Second", "slug": "second"})
    assert (made.status_code, made.json()["status"]) == (201, "draft")
    copy = Campaign.objects.get(pk=made.json()["id"])
    assert (copy.votes_per_task, copy.settings["reward"], copy.opened_at) == (5, 2, None)
    assert copy.consents.get().text == "You agree."
    assert copy.tasks.count() == 3  # the settled one is copied as gold only
    assert copy.tasks.filter(is_gold=True).count() == 1
    assert not Vote.objects.filter(task__campaign=copy).exists()
    assert operator_api.post(here, {"title": "X", "slug": "second"}).json()["field"] == "slug"
    bare = operator_api.post(here, {"title": "Third", "slug": "third", "with_tasks": False})
    assert Campaign.objects.get(pk=bare.json()["id"]).tasks.count() == 0


def test_a_closed_campaign_is_reopened_with_a_reason(operator_api: APIClient) -> None:
    campaign = make_campaign(2, status="draft")
    here = f"/api/v1/campaigns/{campaign.pk}/"
    operator_api.post(f"{here}open", {})
    worker = HttpWorker(campaign)
    worker.vote(worker.next()["id"])
    operator_api.post(f"{here}close", {})
    operator_api.post(f"{here}archive", {})
    assert operator_api.post(f"{here}reopen", {}).json()["field"] == "reason"
    opened = operator_api.post(f"{here}reopen", {"reason": "Ten more participants"})
    assert (opened.json()["status"], opened.json()["closed_at"]) == ("open", None)
    assert AuditEvent.objects.get(action="campaign.reopen").reason == "Ten more participants"
    worker.vote(worker.next()["id"])
    assert Vote.objects.filter(counted=True).count() == 2


def test_a_draft_that_was_archived_is_not_reopened(operator_api: APIClient) -> None:
    campaign = make_campaign(0, status="draft")
    here = f"/api/v1/campaigns/{campaign.pk}/"
    operator_api.post(f"{here}archive", {})
    assert operator_api.post(f"{here}reopen", {"reason": "Oops"}).status_code == 409

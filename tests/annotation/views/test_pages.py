"""The workers' and operators' pages as rendered by the server."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from annotation.identity import tokens
from annotation.models import Campaign, Task
from annotation.services.workers.enrolment import PanelEntry, worker_join
from tests.support.crowd import (
    HttpWorker,
    add_tasks,
    add_triplets,
    make_campaign,
    make_enrolment,
    make_products,
)
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _built(settings: Any, tmp_path: Any) -> None:
    """Use asset URLs of Vite's dev server, so that the tests need no frontend build."""
    settings.DJANGO_VITE = {"default": {"dev_mode": True}}


def page_data(client: Client, path: str) -> dict[str, Any]:
    text = client.get(path).content.decode()
    found = re.search(r'<script id="page-data" type="application/json">(.*?)</script>', text, re.S)
    assert found, text[:2000]
    data: dict[str, Any] = json.loads(found[1])
    return data


def test_open_campaigns_are_listed_in_the_readers_language(client: Client) -> None:
    make_campaign(title="Which chair?", settings={"translations": {"de": {"title": "Welcher Stuhl?"}}})
    make_campaign(title="Only French", languages=["fr"])
    make_campaign(title="Not yet", status="draft")
    english = client.get("/annotate/").content.decode()
    german = client.get("/annotate/", headers={"Accept-Language": "de"}).content.decode()
    assert "Which chair?" in english
    assert "Welcher Stuhl?" in german
    assert "Only French" not in english
    assert "Not yet" not in english


@pytest.mark.parametrize(
    ("status", "code"), [("draft", 404), ("open", 200), ("paused", 200), ("closed", 200)]
)
def test_a_draft_is_hidden_and_only_an_open_campaign_has_tasks(
    client: Client, status: str, code: int
) -> None:
    campaign = make_campaign(status=status)
    answer = client.get(f"/annotate/{campaign.slug}/")
    assert answer.status_code == code
    assert (b'id="work"' in answer.content) == (status == "open")


def test_each_kind_has_its_page_and_a_panels_link_keeps_its_parameters(client: Client) -> None:
    campaign = make_campaign(0, kind="sketches", status="open")
    answer = client.get(f"/annotate/{campaign.slug}/?PROLIFIC_PID=p1")
    assert (answer.status_code, answer.headers["Location"]) == (
        302,
        f"/collect/{campaign.slug}/?PROLIFIC_PID=p1",
    )
    assert client.get(f"/collect/{campaign.slug}/").status_code == 200


def test_workers_who_have_joined_skip_the_consent(client: Client) -> None:
    campaign = make_campaign()
    path = f"/annotate/{campaign.slug}/"
    assert page_data(client, path)["joined"] is False
    client.cookies[tokens.COOKIE] = tokens.token_of(make_enrolment(campaign).worker)
    assert page_data(client, path)["joined"] is True
    assert page_data(client, f"/annotate/{make_campaign().slug}/")["joined"] is False


@pytest.mark.parametrize("status", ["paused", "closed"])
def test_who_has_joined_keeps_page_and_code_when_the_campaign_rests(client: Client, status: str) -> None:
    campaign = make_campaign(1, completion_code="FULL")
    worker = HttpWorker(campaign)
    worker.vote(worker.next()["id"])
    assert worker.here("complete").status_code == 200
    Campaign.objects.update(status=status)
    client.cookies[tokens.COOKIE] = worker.token
    data = page_data(client, f"/annotate/{campaign.slug}/")
    assert (data["joined"], data["ended"]["completion_code"]) == (True, "FULL")


@pytest.mark.parametrize(
    ("query", "href"),
    [
        ("?PROLIFIC_PID=p1", "https://app.prolific.com/submissions"),
        ("?workerId=w1", "https://worker.mturk.com/"),
        ("", None),
    ],
)
def test_a_panels_participant_who_comes_too_late_is_led_back(
    client: Client, query: str, href: str | None
) -> None:
    campaign = make_campaign(status="closed")
    page = client.get(f"/annotate/{campaign.slug}/{query}").content.decode()
    assert ("Return to the panel" in page) == (href is not None)
    assert href is None or f'href="{href}"' in page


def test_who_is_refused_is_led_back_to_the_panel_or_where_the_campaign_says(client: Client) -> None:
    campaign = make_campaign()
    path = f"/annotate/{campaign.slug}/"
    assert page_data(client, f"{path}?workerId=w1")["panel_url"] == "https://worker.mturk.com/"
    assert page_data(client, path)["panel_url"] == ""
    Campaign.objects.update(settings={"endings": {"refused": {"url": "https://panel.example/no"}}})
    assert page_data(client, f"{path}?workerId=w1")["panel_url"] == "https://panel.example/no"


@pytest.mark.parametrize(
    ("access", "query", "refusal"),
    [
        ("panel", "", "Only participants of a panel"),
        ("panel", "?PROLIFIC_PID={{%PROLIFIC_PID%}}", "Only participants of a panel"),
        ("panel", "?PROLIFIC_PID=", "Only participants of a panel"),
        ("panel", "?PROLIFIC_PID=p1&STUDY_ID={{%STUDY_ID%}}", "Only participants of a panel"),
        ("panel", "?PROLIFIC_PID=p1&STUDY_ID=s1", None),
        ("panel", "?workerId=w1&hitId=h1&assignmentId=a1", None),
        ("open", "", None),
        ("open", "?workerId=${workerId}", "The link lacks your participant ID."),
        ("invite", "", "Only invited people"),
        ("invite", "?PROLIFIC_PID=p1", "Only invited people"),
    ],
)
def test_a_link_that_does_not_admit_says_so_at_once(
    client: Client, access: str, query: str, refusal: str | None
) -> None:
    campaign = make_campaign(1, access=access)
    refused = page_data(client, f"/annotate/{campaign.slug}/{query}")["refused"]
    assert refused.startswith(refusal) if refusal else refused == ""


def test_a_panels_participant_who_is_known_needs_no_link(client: Client) -> None:
    earlier, campaign = make_campaign(access="panel"), make_campaign(access="panel")
    entry = PanelEntry("PROLIFIC", "p1")
    enrolment = worker_join(campaign=earlier, consent=True, panel=entry, now=timezone.now())
    client.cookies[tokens.COOKIE] = tokens.token_of(enrolment.worker)
    assert [page_data(client, f"/annotate/{one.slug}/")["refused"] for one in (earlier, campaign)] == ["", ""]


def test_a_panels_link_for_another_worker_asks_for_consent(client: Client) -> None:
    campaign = make_campaign()
    panel = PanelEntry("PROLIFIC", "p1")
    enrolment = worker_join(campaign=campaign, consent=True, panel=panel, now=timezone.now())
    client.cookies[tokens.COOKIE] = tokens.token_of(enrolment.worker)
    path = f"/annotate/{campaign.slug}/"
    assert page_data(client, f"{path}?PROLIFIC_PID=p1")["joined"] is True
    assert page_data(client, f"{path}?PROLIFIC_PID=p2")["joined"] is False


def test_an_operator_previews_a_draft_and_claims_nothing(operator_client: Client) -> None:
    campaign = make_campaign(2, status="draft")
    add_triplets(campaign, 1, is_training=True, gold_answer="b", explanation="The legs.")
    samples = page_data(operator_client, f"/annotate/{campaign.slug}/?preview")["preview"]
    assert [sample["training"] is not None for sample in samples] == [True, False, False]
    assert samples[0]["feedback"] == {"right": True, "answer": "right", "explanation": "The legs."}
    assert not campaign.tasks.filter(n_leased__gt=0).exists()
    assert not Campaign.objects.filter(enrolments__isnull=False).exists()


def test_a_preview_of_sketches_includes_the_photo_url(operator_client: Client) -> None:
    campaign = make_campaign(0, kind="sketches", status="draft", settings={"exposure_s": 3})
    add_tasks(campaign, [Task(product=product) for product in make_products(1)])
    data = page_data(operator_client, f"/collect/{campaign.slug}/?preview")
    assert data["campaign"]["exposure_s"] == 3
    assert "photo_url" in data["preview"][0]
    assert "photo_url" not in data["preview"][0]["product"]


def test_only_operators_can_preview(client: Client, stranger: User) -> None:
    campaign = make_campaign(status="draft")
    client.force_login(stranger, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(f"/annotate/{campaign.slug}/?preview").status_code == 404


def test_the_ontology_is_in_the_pages_language(client: Client) -> None:
    ontology = [{"slug": "wheels", "en": "Wheels", "de": "Rollen"}, {"slug": "arms", "en": "Arms"}]
    campaign = make_campaign(0, kind="attributes", status="open", settings={"ontology": ontology})
    client.cookies["django_language"] = "de"
    shown = page_data(client, f"/attributes/{campaign.slug}/")["campaign"]["ontology"]
    assert [attribute["name"] for attribute in shown] == ["Rollen", "Arms"]


@pytest.mark.parametrize(
    "path", ["", "new/", "{id}/", "{id}/edit/", "{id}/settle/", "{id}/disputes/", "audit/"]
)
def test_the_studio_is_for_operators(
    client: Client, operator_client: Client, stranger: User, path: str
) -> None:
    address = "/studio/campaigns/" + path.format(id=make_campaign().pk)
    assert operator_client.get(address).status_code == 200
    assert client.get(address).headers["Location"].startswith("/admin/login/?next=/studio/campaigns/")
    client.force_login(stranger, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(address).status_code == 403

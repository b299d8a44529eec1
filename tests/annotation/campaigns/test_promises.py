"""What a study has promised holds: to those who take part, and about what it spends."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from annotation.models import Campaign, Decision, Enrolment
from annotation.selectors.money.settling import decided_rows
from annotation.services.workers.personal_data import worker_erase
from annotation.settling.lists import LISTS, decisions_csv
from tests.support.crowd import HttpWorker, make_campaign

pytestmark = pytest.mark.django_db
EARLY = {"kind": "work", "value": 0.5}
BONUS = {"kind": "gold", "amount": 0.1, "every": 2}
PANEL = {"provider": "PROLIFIC", "worker": "5f1a", "study": "s", "session": "x"}


def patched(api: APIClient, campaign: Campaign, **body: Any) -> Any:
    return api.patch(f"/api/v1/campaigns/{campaign.pk}/", body)


def test_erasure_is_no_second_chance(api: APIClient) -> None:
    campaign = make_campaign(3, completion_code="DONE")
    worker = HttpWorker(campaign, panel=PANEL)
    assert worker.next()
    worker_erase(Enrolment.objects.get().worker)
    again = api.post(f"/api/v1/campaigns/{campaign.pk}/join", {"consent": True, "panel": PANEL})
    assert again.status_code == 403
    assert "your data have been erased" in again.json()["detail"]


def test_who_was_erased_before_any_task_may_join(api: APIClient) -> None:
    campaign = make_campaign(3)
    HttpWorker(campaign, panel=PANEL)
    worker_erase(Enrolment.objects.get().worker)
    HttpWorker(campaign, panel=PANEL)


def test_a_cap_on_answers_holds_for_tasks_fetched_together() -> None:
    campaign = make_campaign(8, settings={"cost_per_answer": 1, "spending_cap": 3, "currency": "EUR"})
    first, second = HttpWorker(campaign), HttpWorker(campaign)
    assert len(first.next(prefetch=5)["assignments"]) == 3
    assert second.next(prefetch=5) is None


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"required_answers": 5}, "required_answers"),
        ({"settings": {"reward": 1, "currency": "EUR"}}, "settings.reward"),
        ({"settings": {}}, "settings.reward"),
        ({"settings": {"reward": 2, "currency": "EUR"}}, "settings.partial_pay"),
        ({"settings": {"reward": 2, "partial_pay": EARLY}}, "settings.bonus"),
    ],
)
def test_terms_do_not_get_worse_once_somebody_has_joined(
    operator_api: APIClient, change: dict[str, Any], field: str
) -> None:
    stated = {"reward": 2, "currency": "EUR", "partial_pay": EARLY, "bonus": BONUS}
    campaign = make_campaign(8, required_answers=4, settings=stated)
    better = {"required_answers": 3, "settings": {**stated, "reward": 3}}
    HttpWorker(campaign)
    refused = patched(operator_api, campaign, **change)
    assert refused.status_code == 409
    assert refused.json()["detail"].startswith(field)
    assert patched(operator_api, campaign, **better).status_code == 200


@pytest.mark.parametrize("url", ["http://[x", "https://", "http://a b", "ftp://a.example", "javascript:1"])
def test_an_address_that_nobody_can_open_is_refused(operator_api: APIClient, url: str) -> None:
    for settings in ({"completion_url": url}, {"endings": {"blocked": {"url": url}}}):
        answer = patched(operator_api, make_campaign(1), settings=settings)
        assert answer.status_code == 400
        assert "a URL that starts with" in str(answer.json())


def test_more_answers_required_than_tasks_is_worth_a_warning(operator_api: APIClient) -> None:
    campaign = make_campaign(3, status="draft", required_answers=5)
    refused = operator_api.post(f"/api/v1/campaigns/{campaign.pk}/open", {})
    assert refused.status_code == 400
    assert "only 3 tasks" in str(refused.json())
    assert operator_api.post(f"/api/v1/campaigns/{campaign.pk}/open", {"confirm": True}).status_code == 200


def test_a_huge_bonus_and_a_short_work_leave_the_page_readable(operator_api: APIClient) -> None:
    campaign = make_campaign(1, settings={"reward": 2, "currency": "EUR"}, required_answers=1)
    worker = HttpWorker(campaign, panel=PANEL)
    worker.vote(worker.next()["id"])
    body = {"enrolments": [Enrolment.objects.get().pk], "verdict": "approve", "bonus": "100000"}
    assert operator_api.post(f"/api/v1/campaigns/{campaign.pk}/settle/", body).status_code == 200
    assert operator_api.get(f"/api/v1/campaigns/{campaign.pk}/settle/").status_code == 200


@pytest.mark.parametrize("name", ["=1+1", "-2+3", "@a", "+1"])
def test_no_participant_is_a_formula(api: APIClient, name: str) -> None:
    body = {"consent": True, "panel": {**PANEL, "worker": name}}
    answer = api.post(f"/api/v1/campaigns/{make_campaign(1).pk}/join", body)
    assert answer.status_code == 400
    assert "letter or digit" in str(answer.json())


def test_no_reason_is_a_formula() -> None:
    campaign = make_campaign(1)
    HttpWorker(campaign, panel=PANEL)
    Decision.objects.create(enrolment=Enrolment.objects.get(), verdict="reject", reason="=cmd|' /C calc'!A0")
    rows = decided_rows(campaign)
    assert ",'=cmd|" in decisions_csv(rows)
    assert LISTS["PROLIFIC"]["reject"](rows).splitlines()[1].startswith("5f1a,'=cmd")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_panels_list_is_read_as_spreadsheets_save_it(operator_api: APIClient, delimiter: str) -> None:
    campaign = make_campaign(1)
    HttpWorker(campaign, panel=PANEL)
    rows = [["Participant id", "Status", "Completion code"], ["5f1a", "RETURNED", ""]]
    text = "\ufeff" + "\r\n".join(delimiter.join(row) for row in rows)
    answer = operator_api.post(f"/api/v1/campaigns/{campaign.pk}/settle/submissions/", {"csv": text})
    assert answer.status_code == 200, answer.json()
    assert answer.json()["n_matched"] == 1


def test_an_unclosed_quote_is_named(operator_api: APIClient) -> None:
    text = 'Participant id,Status\n"5f1a,APPROVED\n'
    answer = operator_api.post(f"/api/v1/campaigns/{make_campaign(1).pk}/settle/submissions/", {"csv": text})
    assert answer.status_code == 400
    assert "csv" in str(answer.json())

"""What the rules pay: by work, as a bonus, up to the cap; rules are checked when they are set."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from rest_framework.test import APIClient

from annotation.models import AuditEvent, Campaign, Decision
from annotation.settling.rules import bonus, early_pay
from tests.annotation.work.settling.studies import PAID, decide, rows_by_id, settle
from tests.annotation.work.test_endings import end, work
from tests.support.crowd import HttpWorker, make_campaign

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("rule", "credited", "pay"),
    [
        ({"kind": "work", "value": 0.5}, 0, "0.00"),
        ({"kind": "work", "value": 0.5}, 1, "0.50"),  # the minimum
        ({"kind": "work", "value": 0.5}, 10, "2.00"),
        ({"kind": "work", "value": 0}, 7, "1.40"),
        ({"kind": "work", "value": 0}, 25, "4.00"),  # never more than finishing
        ({"kind": "share", "value": 0.25}, 1, "1.00"),
        ({"kind": "amount", "value": 0.3}, 19, "0.30"),
    ],
)
def test_ending_early_pays_by_the_rule(rule: dict[str, Any], credited: int, pay: str) -> None:
    settings = {"reward": 4, "partial_pay": rule}
    assert early_pay(settings, credited=credited, required=20) == Decimal(pay)


def test_pay_by_work_without_a_required_number_is_of_the_tasks_that_there_are() -> None:
    worker = HttpWorker(make_campaign(4, settings=PAID))
    work(worker, 1)
    assert end(worker, leave=True)["pay"] == "1.00"


@pytest.mark.parametrize(
    ("rule", "amount"),
    [
        (None, "0.00"),
        ({"kind": "gold", "every": 3, "amount": 0.5}, "1.00"),  # 8 right
        ({"kind": "agreement", "above": 0.75, "least": 4, "amount": 2}, "2.00"),  # exactly 3 of 4
        ({"kind": "agreement", "above": 0.76, "least": 4, "amount": 2}, "0.00"),
        ({"kind": "agreement", "above": 0.5, "least": 5, "amount": 2}, "0.00"),  # too few
    ],
)
def test_the_bonus_rule(rule: dict[str, Any] | None, amount: str) -> None:
    assert bonus(rule, gold_right=8, agrees=3, compared=4) == Decimal(amount)


@pytest.mark.parametrize(
    ("rules", "word"),
    [
        ({"bonus": {"kind": "luck", "amount": 1}}, "bonus"),
        ({"bonus": {"kind": "gold", "amount": 1, "every": 0}}, "bonus: every"),
        ({"bonus": {"kind": "agreement", "amount": 1, "above": 2, "least": 1}}, "bonus: above"),
        ({"partial_pay": {"kind": "work", "value": 1}}, "partial_pay"),
        ({"reward": 1, "partial_pay": {"kind": "work", "value": 2}}, "partial_pay"),
        ({"reward": 2, "partial_pay": {"kind": "amount", "value": 50}}, "partial_pay: value"),
        ({"partial_pay": {"kind": "amount", "value": 1}}, "partial_pay: needs a reward"),
        ({"reward": 0.001}, "reward: at most two decimals"),
        ({"rewrad": 3}, "rewrad: there is no such setting"),
        ({"currency": "xx"}, "currency: three capital letters"),
        ({"completion_url": "https://panel.example/{kode}"}, "completion_url: {kode}"),
        ({"endings": {"blocked": {"url": "https://panel.example/{kode}"}}}, "endings: blocked.url: {kode}"),
        ({"bonus": {"kind": "gold", "amount": 0.001, "every": 1}}, "bonus: amount: at most two decimals"),
        ({"rules": 3}, "rules"),
        ({"rules_act": "yes"}, "rules_act"),
        ({"exclude_campaigns": [99999]}, "exclude_campaigns: there is no campaign 99999"),
        ({"exclude_campaigns": ["a"]}, "exclude_campaigns"),
    ],
)
def test_rules_are_checked_when_they_are_set(
    operator_api: APIClient, rules: dict[str, Any], word: str
) -> None:
    campaign = make_campaign(1)
    answer = operator_api.patch(f"/api/v1/campaigns/{campaign.pk}/", {"settings": rules})
    assert (answer.status_code, answer.json()["field"]) == (400, "settings")
    assert word in answer.json()["detail"]


def test_a_bonus_beyond_the_cap_needs_the_total_to_be_confirmed(
    operator_api: APIClient, study: Campaign
) -> None:
    capped = {**PAID, "spending_cap": 12}
    Campaign.objects.filter(pk=study.pk).update(settings=capped)
    rows = rows_by_id(operator_api, study)
    before = settle(operator_api, study)
    # 4, 4 and 1 are paid; 4 are promised to the one still at work, and a bonus of 1 to each of the four
    assert (before["spending_cap"], before["spent"], before["promised"]) == (12, 9, 8)
    assert decide(operator_api, study, [rows["anna"]], "approve").status_code == 200  # as promised
    body = {"bonus": "3.50", "reason": "very careful"}
    refused = decide(operator_api, study, [rows["ben"]], "approve", **body)
    assert (refused.status_code, refused.json()["field"]) == (400, "confirmed_total")
    assert "19.50 EUR, above the spending cap of 12.00 EUR" in refused.json()["detail"]
    assert Decision.objects.count() == 1  # nothing of it is stored
    assert (
        decide(operator_api, study, [rows["ben"]], "approve", confirmed_total="19.00", **body).status_code
        == 400
    )
    paid = decide(operator_api, study, [rows["ben"]], "approve", confirmed_total="19.50", **body)
    assert (paid.status_code, paid.json()["totals"]["bonus"]) == (200, "4.50")
    event = AuditEvent.objects.get(action="pay.over_cap")
    assert (event.facts["before"], event.facts["after"]) == ({"committed": "17.00"}, {"committed": "19.50"})


def test_within_the_cap_nothing_is_to_be_confirmed_and_settling_frees_what_was_reserved(
    operator_api: APIClient, study: Campaign
) -> None:
    Campaign.objects.filter(pk=study.pk).update(settings={**PAID, "spending_cap": 30})
    rows = rows_by_id(operator_api, study)
    assert decide(operator_api, study, [rows["ben"]], "approve", bonus="9").status_code == 200
    decide(operator_api, study, [rows["ben"]], "reject", reason="Clicked left only.")
    decide(operator_api, study, [rows["cleo"]], "bonus", bonus="0")
    after = settle(operator_api, study)
    assert (after["spent"], after["promised"]) == (4 + 0 + 1, 1 + 5)  # the bonuses of two are still possible

"""What earns credit towards the code and the pay: answers in time that stand, to gold tasks like to others."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from annotation.models import Campaign, Enrolment, Task, Vote
from annotation.services.work import claims
from annotation.services.workers.moderation import enrolment_block
from tests.annotation.work.settling.studies import PAID, decide, panel, rows_by_id
from tests.annotation.work.test_endings import end, me, work
from tests.support.crowd import HttpWorker, add_triplets, key, make_campaign
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db


def answered(worker: HttpWorker, n: int) -> list[int]:
    """Answer `n` tasks; return their assignments."""
    held = [card["id"] for card in worker.next(prefetch=n)["assignments"]]
    for assignment in held:
        worker.vote(assignment)
    return held


def undo(worker: HttpWorker, assignment: int) -> Any:
    return worker.on(assignment, "undo", idempotency_key=key())


def test_answers_that_the_code_is_for_cannot_be_undone() -> None:
    worker = HttpWorker(make_campaign(6, required_answers=3, settings=PAID))
    held = answered(worker, 3)
    assert end(worker)["ending"] == "finished"
    refused = undo(worker, held[-1])
    assert refused.status_code == 409
    assert "paid" in refused.json()["detail"]
    (later,) = answered(worker, 1)
    assert undo(worker, later).status_code == 200  # it came after the code
    assert undo(worker, held[-1]).status_code == 409
    assert me(worker)["n_credited"] == 3


def test_answers_that_ending_early_paid_for_cannot_be_undone() -> None:
    worker = HttpWorker(make_campaign(6, required_answers=4, settings=PAID))
    held = answered(worker, 2)
    assert end(worker, leave=True)["pay"] == "2.00"
    assert undo(worker, held[-1]).status_code == 409


def test_answers_that_an_operator_has_decided_on_cannot_be_undone(operator_api: APIClient) -> None:
    campaign = make_campaign(6, required_answers=4, settings=PAID)
    worker = HttpWorker(campaign, panel=panel("p1"))
    held = answered(worker, 2)
    assert (
        decide(operator_api, campaign, [rows_by_id(operator_api, campaign)["p1"]], "bonus").status_code == 200
    )
    assert undo(worker, held[-1]).status_code == 409


def test_late_answers_count_but_earn_nothing() -> None:
    worker = HttpWorker(make_campaign(6, required_answers=4, settings=PAID))
    answered(worker, 1)
    held = [card["id"] for card in worker.next(prefetch=3)["assignments"]]
    assert end(worker, leave=True)["pay"] == "1.00"  # which returns what is held
    for assignment in held:
        assert worker.vote(assignment)["late"]
    assert Vote.objects.filter(late=True, counted=True).count() == 3
    assert me(worker)["n_credited"] == 1
    assert end(worker, leave=True)["ending"] == "ended_early"


@pytest.mark.parametrize("how", ["blocked", "closed"])
def test_credit_does_not_tell_gold_from_others_once_answers_no_longer_count(
    operator: User, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims, "gold_due", lambda **_: True)  # which otherwise depends on the enrolment's id
    campaign = make_campaign(4, settings=PAID)
    add_triplets(campaign, 4, is_gold=True, gold_answer="a")
    Campaign.objects.filter(pk=campaign.pk).update(gold_share=0.5)
    worker = HttpWorker(campaign)
    held = [card["id"] for card in worker.next(prefetch=8)["assignments"]]
    assert Task.objects.filter(assignments__in=held).values("is_gold").distinct().count() == 2
    if how == "blocked":
        enrolment_block(enrolment=Enrolment.objects.get(), by=operator, reason="clicked blindly")
    else:
        Campaign.objects.filter(pk=campaign.pk).update(status="closed")
    for assignment in held:
        worker.vote(assignment)
        assert me(worker)["n_credited"] == 0
    assert Enrolment.objects.get().n_gold == 0
    assert not Vote.objects.exclude(is_right=None).exists()


def test_who_has_the_required_answers_has_finished_without_fetching_the_code(operator_api: APIClient) -> None:
    campaign = make_campaign(6, required_answers=2, settings=PAID)
    worker = HttpWorker(campaign, panel=panel("p1"))
    work(worker, 1)
    assert rows_by_id(operator_api, campaign)["p1"]["state"] == "working"
    work(worker, 1)
    row = rows_by_id(operator_api, campaign)["p1"]
    assert (row["state"], row["suggested"], row["completion_code"]) == ("finished", "approve", "")

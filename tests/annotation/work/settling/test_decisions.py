"""Settling a panel: what each participant earns, decisions, lists for the panel, and the ways to change one's mind."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from annotation.models import AuditEvent, Campaign, Decision, Vote, WorkerFigures
from annotation.services.aggregation.refresh import aggregation_refresh
from annotation.services.work.claims import assignments_claim
from annotation.services.work.votes import Answer, vote_cast
from tests.annotation.work.settling.studies import PAID, decide, export, panel, rows_by_id, settle
from tests.annotation.work.test_endings import work
from tests.support.crowd import HttpWorker, add_triplets, key, make_campaign, make_enrolment

pytestmark = pytest.mark.django_db


def test_each_participant_has_a_state_and_what_the_rules_pay(
    operator_api: APIClient, study: Campaign
) -> None:
    rows = rows_by_id(operator_api, study)
    states = {
        name: (row["state"], row["suggested"], row["pays"][row["suggested"] or "bonus"])
        for name, row in rows.items()
    }
    assert states == {
        "anna": ("finished", "approve", "4.00"),
        "ben": ("finished", "approve", "4.00"),
        "cleo": ("ended_early", "bonus", "1.00"),
        "dan": ("blocked", "", "2.00"),
        "eve": ("working", "", "1.00"),
    }
    anna = rows["anna"]
    assert (anna["completion_code"], anna["n_answers"], anna["n_credited"]) == ("DONE", 4, 4)
    assert anna["agreement"]["share"] == 1.0
    assert 0.5 < anna["agreement"]["low"] < anna["agreement"]["high"] == 1.0
    assert (anna["bonus"], rows["cleo"]["bonus"]) == ("1.00", "0.00")  # too few answers to compare
    totals = settle(operator_api, study)["totals"]
    assert (totals["n_participants"], totals["n_undecided"], totals["amount"]) == (5, 5, "0.00")
    assert totals["states"]["finished"] == 2


def test_decisions_are_rows_audited_and_exported_as_prolific_takes_them(
    operator_api: APIClient, study: Campaign
) -> None:
    rows = rows_by_id(operator_api, study)
    decide(operator_api, study, [rows["anna"], rows["ben"]], "approve")
    decide(operator_api, study, [rows["ben"]], "approve", bonus="0.25", reason="as agreed by mail")
    decide(operator_api, study, [rows["cleo"]], "bonus")
    totals = decide(operator_api, study, [rows["dan"]], "reject", reason="Clicked left only.").json()[
        "totals"
    ]
    assert (totals["n_approved"], totals["n_bonus_only"], totals["n_rejected"]) == (2, 1, 1)
    assert (totals["pay"], totals["bonus"], totals["amount"]) == ("9.00", "1.25", "10.25")

    first = export(operator_api, study, panel="PROLIFIC", list="bonus")
    assert first == "anna,1.00\nben,0.25\ncleo,1.00\n"
    assert export(operator_api, study, panel="PROLIFIC", list="approve") == "anna\nben\n"
    assert (
        export(operator_api, study, panel="PROLIFIC", list="reject")
        == "participant_id,reason\ndan,Clicked left only.\n"
    )
    HttpWorker(study, panel=panel("late"))
    Campaign.objects.update(settings={**PAID, "reward": 9, "bonus": None})
    assert export(operator_api, study, panel="PROLIFIC", list="bonus") == first  # as decided
    whole = export(operator_api, study)
    assert whole == export(operator_api, study)
    assert "PROLIFIC,dan,study-dan,session-dan,W" in whole

    changes = [
        (event.worker and event.worker.panel_id, event.facts["before"], event.facts["after"])
        for event in AuditEvent.objects.filter(action="pay.decide", worker__panel_id="ben").order_by("id")
    ]
    assert changes[0][2] == {"verdict": "approve", "pay": "4.00", "bonus": "1.00"}
    assert changes[1][1:] == (
        {"bonus": "1.00", "reason": ""},
        {"bonus": "0.25", "reason": "as agreed by mail"},
    )


def test_deciding_twice_changes_nothing_and_a_decision_can_be_withdrawn(
    operator_api: APIClient, study: Campaign
) -> None:
    rows = rows_by_id(operator_api, study)
    for _ in range(2):
        decide(operator_api, study, [rows["anna"]], "approve")
    assert AuditEvent.objects.filter(action="pay.decide").count() == Decision.objects.count() == 1
    decide(operator_api, study, [rows["anna"], rows["ben"]], "", reason="too early")
    assert not Decision.objects.exists()
    event = AuditEvent.objects.get(action="pay.withdraw")
    assert (event.reason, event.facts["before"]["pay"]) == ("too early", "4.00")
    assert export(operator_api, study, panel="PROLIFIC", list="approve") == ""


def test_mturk_gets_its_own_columns(operator_api: APIClient) -> None:
    campaign = make_campaign(2, settings={**PAID, "bonus": {"kind": "gold", "every": 1, "amount": 1}})
    for name in ("w1", "w2", "w3"):
        HttpWorker(campaign, panel=panel(name, "MTURK"))
    HttpWorker(campaign, panel=panel("p1"))
    rows = rows_by_id(operator_api, campaign)
    decide(operator_api, campaign, [rows["w1"], rows["p1"]], "approve", bonus="0.5", reason="Thank you")
    decide(operator_api, campaign, [rows["w2"]], "reject", reason='Said "left", always')
    assert export(operator_api, campaign, panel="MTURK", list="results") == (
        "HITId,AssignmentId,WorkerId,Approve,Reject\n"
        "study-w1,session-w1,w1,x,\n"
        'study-w2,session-w2,w2,,"Said ""left"", always"\n'
    )
    assert export(operator_api, campaign, panel="MTURK", list="bonus") == (
        "WorkerId,AssignmentId,BonusAmount,Reason\nw1,session-w1,0.50,Thank you\n"
    )
    refused = operator_api.get(
        f"/api/v1/campaigns/{campaign.pk}/settle/export", {"panel": "MTURK", "list": "approve"}
    )
    assert refused.json()["detail"] == "list: one of results, bonus, decisions"


@pytest.mark.parametrize(
    ("who", "verdict", "body", "field"),
    [
        ("dan", "reject", {}, "reason"),
        ("dan", "reject", {"reason": "no", "bonus": "1"}, "bonus"),
        ("anna", "approve", {"bonus": "-1"}, "bonus"),
        ("nobody", "approve", {}, "enrolments"),
        ("anonymous", "approve", {}, "enrolments"),
        ("anna", "burn", {}, "verdict"),
    ],
)
def test_bad_decisions_are_refused_by_field(
    operator_api: APIClient, study: Campaign, who: str, verdict: str, body: dict[str, Any], field: str
) -> None:
    rows = rows_by_id(operator_api, study)
    rows["nobody"] = {"enrolment_id": make_enrolment(make_campaign(1)).pk}
    rows["anonymous"] = {"enrolment_id": make_enrolment(study).pk}
    answer = decide(operator_api, study, [rows["ben"], rows[who]], verdict, **body)
    assert (answer.status_code, answer.json()["field"]) == (400, field)
    assert not Decision.objects.exists()


def test_the_panels_list_tells_who_returned_and_which_code_they_entered(
    operator_api: APIClient, study: Campaign
) -> None:
    text = (
        "\ufeffSubmission id,Participant id,Status,Completion code\n"
        "s0,anna,RETURNED,\ns1,anna,AWAITING REVIEW,DONE\ns2,ben,AWAITING REVIEW,GUESSED\n"
        "s3,cleo,Timed-out,NOCODE\ns4,stranger,APPROVED,DONE\n"
    )
    answer = operator_api.post(f"/api/v1/campaigns/{study.pk}/settle/submissions/", {"csv": text})
    assert answer.json() == {"panel": "PROLIFIC", "n_rows": 5, "n_matched": 3, "unknown": ["stranger"]}
    rows = rows_by_id(operator_api, study)
    assert [rows[name]["state"] for name in ("anna", "ben", "cleo")] == ["finished", "finished", "returned"]
    assert rows["ben"]["panel_code"] == "GUESSED"
    assert rows["cleo"]["suggested"] == "bonus"
    refused = operator_api.post(f"/api/v1/campaigns/{study.pk}/settle/submissions/", {"csv": "a,b\n1,2\n"})
    assert (refused.status_code, refused.json()["field"]) == (400, "csv")


def test_minutes_are_the_servers_and_a_pause_counts_as_one_task_at_most(operator_api: APIClient) -> None:
    campaign = make_campaign(3, lease_s=120)
    enrolment = make_enrolment(campaign)
    now = datetime(2026, 1, 1, 9, tzinfo=UTC)
    for pause in (30, 90, 7200):
        (held,) = assignments_claim(enrolment_id=enrolment.pk, now=now).assignments
        now += timedelta(seconds=pause)
        answer = Answer("left", key(), response_ms=1)
        vote_cast(worker=enrolment.worker, assignment_id=held.pk, answer=answer, now=now)
    (row,) = settle(operator_api, campaign)["rows"]
    assert row["minutes"] == 4.0  # 30 s, 90 s, and two minutes of the two hours


def test_who_is_past_a_limit_has_failed_the_checks_also_before_the_job_runs(operator_api: APIClient) -> None:
    campaign = make_campaign(20, gold_share=0.5, settings=PAID)
    add_triplets(campaign, 20, is_gold=True, gold_answer="b")
    cheat = HttpWorker(campaign, panel=panel("cheat"))
    work(cheat, 24)
    (row,) = settle(operator_api, campaign)["rows"]
    assert row["state"] == "failed_checks"
    assert {"gold", "block"} <= {row["findings"][0]["rule"], row["findings"][0]["level"]}
    assert row["suggested"] == ""


@pytest.mark.parametrize("path", ["settle/", "settle/export"])
def test_only_operators_settle(api: APIClient, stranger_api: APIClient, study: Campaign, path: str) -> None:
    for who in (api, stranger_api):
        assert who.get(f"/api/v1/campaigns/{study.pk}/{path}").status_code in (401, 403)


def test_the_table_of_workers_and_settling_agree_before_any_job_and_after(
    operator_api: APIClient,
) -> None:
    campaign = make_campaign(60, votes_per_task=3, stop_when_decided=False, settings=PAID)
    workers = [HttpWorker(campaign, panel=panel(name)) for name in ("left", "one", "two")]
    for worker, choice in zip(workers, ("left", "right", "right"), strict=True):
        for _ in range(30):
            worker.vote(worker.next()["id"], choice)

    def shown() -> tuple[dict[str, str], dict[str, Any], dict[str, str], dict[str, Any]]:
        table = operator_api.get(f"/api/v1/campaigns/{campaign.pk}/workers/").json()["results"]
        rows = settle(operator_api, campaign)["rows"]
        return (
            {row["worker"]: row["status"] for row in table},
            {row["worker"]: row["findings"] for row in table},
            {row["worker"]: row["state"] for row in rows},
            {row["worker"]: row["findings"] for row in rows},
        )

    status, broken, state, same = shown()
    assert not WorkerFigures.objects.exists()
    assert set(status.values()) == {"failing"}
    assert set(state.values()) == {"failed_checks"}
    assert broken == same
    aggregation_refresh(campaign=campaign, now=datetime.now(UTC))
    assert shown() == (status, broken, state, same)
    undone = workers[0].on(
        Vote.objects.filter(worker__panel_id="left").last().assignment_id,  # type: ignore[union-attr]
        "undo",
        idempotency_key=key(),
    )
    assert undone.status_code == 200
    _, broken, _, same = shown()
    assert broken == same

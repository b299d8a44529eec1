"""Settling a panel: what each participant earns, decisions, lists for the panel, and the ways to change one's mind."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from rest_framework.test import APIClient

from annotation.models import AuditEvent, Campaign, Decision, Enrolment, Vote, Worker, WorkerFigures
from annotation.services.aggregation.refresh import aggregation_refresh
from annotation.services.work.claims import assignments_claim
from annotation.services.work.votes import Answer, vote_cast
from annotation.services.workers.moderation import enrolment_block
from annotation.settling.rules import bonus, early_pay
from tests.annotation.work.test_endings import end, work
from tests.support.crowd import HttpWorker, add_triplets, key, make_campaign, make_enrolment

pytestmark = pytest.mark.django_db
PAID: dict[str, Any] = {
    "currency": "EUR",
    "reward": 4,
    "partial_pay": {"kind": "work", "value": 0.5},
    "bonus": {"kind": "agreement", "above": 0.8, "least": 3, "amount": 1},
}


def panel(name: str, provider: str = "PROLIFIC") -> dict[str, str]:
    return {"provider": provider, "worker": name, "study": f"study-{name}", "session": f"session-{name}"}


def settle(api: APIClient, campaign: Campaign) -> dict[str, Any]:
    answer = api.get(f"/api/v1/campaigns/{campaign.pk}/settle/")
    assert answer.status_code == 200, answer.json()
    body: dict[str, Any] = answer.json()
    return body


def rows_by_id(api: APIClient, campaign: Campaign) -> dict[str, dict[str, Any]]:
    return {row["panel_id"]: row for row in settle(api, campaign)["rows"]}


def decide(api: APIClient, campaign: Campaign, rows: list[dict[str, Any]], verdict: str, **body: Any) -> Any:
    ids = [row["enrolment_id"] for row in rows]
    return api.post(
        f"/api/v1/campaigns/{campaign.pk}/settle/", {"enrolments": ids, "verdict": verdict, **body}
    )


def export(api: APIClient, campaign: Campaign, **query: str) -> str:
    answer = api.get(f"/api/v1/campaigns/{campaign.pk}/settle/export", query)
    assert answer.status_code == 200, answer.content
    text: str = answer.content.decode()
    return text


@pytest.fixture
def study() -> Campaign:
    """A study of four answers: two who finish and agree, one who ends early, one who is blocked, one who goes on."""
    campaign = make_campaign(
        4, required_answers=4, stop_when_decided=False, completion_code="DONE", settings=PAID
    )
    workers = {
        name: HttpWorker(campaign, panel=panel(name)) for name in ("anna", "ben", "cleo", "dan", "eve")
    }
    for name, n in (("anna", 4), ("ben", 4), ("cleo", 1), ("dan", 2), ("eve", 1)):
        work(workers[name], n)
    for name in ("anna", "ben"):
        assert end(workers[name])["completion_code"] == "DONE"
    assert end(workers["cleo"], leave=True)["pay"] == "1.00"
    enrolment_block(enrolment=Enrolment.objects.get(worker__panel_id="dan"), by=None, reason="clicks blindly")
    return campaign


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


def test_earlier_participants_are_refused_in_plain_words_even_after_erasure(operator_api: APIClient) -> None:
    first = make_campaign(3)
    other = make_campaign(3)
    second = make_campaign(3, settings={"exclude_campaigns": [first.pk]})
    anna = HttpWorker(first, panel=panel("anna"))
    HttpWorker(other, panel=panel("ben"))
    HttpWorker(first, panel=panel("cleo"))  # came, but got no task
    anna.next()

    def join(name: str, **body: Any) -> Any:
        answer = APIClient().post(
            f"/api/v1/campaigns/{second.pk}/join", {"consent": True, "panel": panel(name), **body}
        )
        return answer

    assert join("ben").status_code == join("cleo").status_code == 201
    refused = join("anna")
    assert refused.status_code == 403
    assert "already taken part in an earlier study" in refused.json()["detail"]
    erase = operator_api.post(
        "/api/v1/participants/erase/", {"provider": "PROLIFIC", "worker": "anna", "reason": "asked by mail"}
    )
    assert erase.json() == {"erased": 1}
    assert not Enrolment.objects.filter(participant="PROLIFIC:anna").exists()
    assert join("anna").status_code == 403
    assert Worker.objects.filter(panel_id="anna").count() == 0  # nothing was stored of the attempt
    link = operator_api.post(
        f"/api/v1/campaigns/{second.pk}/participants/", {"provider": "PROLIFIC", "worker": "anna"}
    )
    token = link.json()["url"].partition("participant=")[2]
    assert join("x", panel=None, participant=token).status_code == 201  # an operator's exception


def test_a_browser_or_account_is_excluded_too(owner_api: APIClient) -> None:
    first = make_campaign(2)
    second = make_campaign(2, settings={"exclude_campaigns": [first.pk]})
    anonymous = HttpWorker(first)
    anonymous.next()
    body = {"consent": True}
    assert anonymous.api.post(f"/api/v1/campaigns/{second.pk}/join", body).status_code == 403
    owner_api.post(f"/api/v1/campaigns/{first.pk}/join", body)
    owner_api.post(f"/api/v1/campaigns/{first.pk}/next")
    assert owner_api.post(f"/api/v1/campaigns/{second.pk}/join", body).status_code == 403


def test_an_operator_erases_a_worker_from_the_table(operator_api: APIClient, study: Campaign) -> None:
    enrolment = Enrolment.objects.get(worker__panel_id="anna")
    path = f"/api/v1/enrolments/{enrolment.pk}/erase"
    assert operator_api.post(path, {}).json()["field"] == "reason"
    assert operator_api.post(path, {"reason": "asked by mail"}).status_code == 204
    event = AuditEvent.objects.get(action="worker.erase")
    assert (event.by and event.by.username, event.reason) == ("operator", "asked by mail")
    assert Vote.objects.filter(worker=enrolment.worker_id, counted=True).count() == 4
    row = next(row for row in settle(operator_api, study)["rows"] if row["enrolment_id"] == enrolment.pk)
    assert (row["panel_id"], row["erased"], row["suggested"]) == ("", True, "")
    gone = operator_api.post(
        "/api/v1/participants/erase/", {"provider": "PROLIFIC", "worker": "anna", "reason": "r"}
    )
    assert gone.status_code == 404


def test_a_bonus_beyond_the_cap_needs_the_total_to_be_confirmed(
    operator_api: APIClient, study: Campaign
) -> None:
    capped = {**PAID, "spending_cap": 12}
    Campaign.objects.filter(pk=study.pk).update(settings=capped)
    rows = rows_by_id(operator_api, study)
    before = settle(operator_api, study)
    # Paid are 4, 4 and 1; promised 4 to whoever works on; and a bonus of 1 to each of the four
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

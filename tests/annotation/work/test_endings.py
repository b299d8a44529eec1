"""Permission to work, the earned code, being screened out and ending early are four things."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from annotation.models import Campaign, Enrolment, Task
from annotation.selectors.standing import SESSION_GAP, standing_of
from annotation.services.work.claims import assignments_claim
from annotation.services.work.votes import Answer, vote_cast
from annotation.services.workers import endings
from annotation.services.workers.endings import participation_end
from annotation.services.workers.moderation import enrolment_block, enrolment_unblock
from tests.support.crowd import HttpWorker, add_triplets, key, make_campaign, make_enrolment
from webapp.accounts.models import User
from webapp.http.problems import ConflictError

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 1, 1, 9, tzinfo=UTC)
PROLIFIC = {"provider": "PROLIFIC", "worker": "5f1", "study": "s1", "session": "x1"}
PAID: dict[str, Any] = {
    "currency": "EUR",
    "reward": 4,
    "partial_pay": {"kind": "share", "value": 0.25},
    "completion_url": "https://panel.example/done?cc={code}",
    "endings": {
        "screened_out": {"code": "OUT", "url": "https://panel.example/out"},
        "ended_early": {"code": "EARLY 1"},
        "blocked": {"url": "https://panel.example/back"},
    },
}


def work(worker: HttpWorker, n: int, choice: str | None = None) -> None:
    """Answer `n` tasks with candidate A, or always with `choice`."""
    for _ in range(n):
        card = worker.next()
        a_left = card["left"]["id"] < card["right"]["id"]
        worker.vote(card["id"], choice or ("left" if a_left else "right"))


def me(worker: HttpWorker) -> dict[str, Any]:
    body: dict[str, Any] = worker.api.get(f"/api/v1/campaigns/{worker.campaign.pk}/me").json()
    return body


def end(worker: HttpWorker, **body: Any) -> dict[str, Any]:
    answer = worker.here("complete", body)
    assert answer.status_code == 200, answer.json()
    ended: dict[str, Any] = answer.json()
    return ended


def set_status(campaign: Campaign, status: str) -> None:
    Campaign.objects.filter(pk=campaign.pk).update(status=status)


def test_in_a_lab_of_three_the_third_person_waits_and_settles_what_the_others_dispute() -> None:
    campaign = make_campaign(4, votes_per_task=3)
    first, second, third = (HttpWorker(campaign) for _ in range(3))
    work(first, 2)
    held = [first.next(prefetch=2), second.next(prefetch=4)]  # and the first one pauses
    assert third.next() is None
    assert me(third)["standing"] == {
        "may_work": False,
        "obstacle": "waiting",
        "resumes_at": None,
        "earned": "",
    }
    assert third.here("complete").status_code == 409  # no code for nothing
    for card in held[0]["assignments"]:
        first.vote(card["id"], "left" if card["left"]["id"] < card["right"]["id"] else "right")
    for card in held[1]["assignments"]:  # the second disagrees on everything
        second.vote(card["id"], "right" if card["left"]["id"] < card["right"]["id"] else "left")
    assert {end(worker)["ending"] for worker in (first, second)} == {"finished"}
    assert me(third)["standing"]["may_work"]
    work(third, 4)
    assert end(third)["ending"] == "finished"
    assert set(Task.objects.values_list("n_counted", "status")) == {(3, "decided")}


def test_a_third_person_who_was_not_needed_ends_early_with_nothing_earned() -> None:
    campaign = make_campaign(2, votes_per_task=3, settings=PAID)
    for _ in range(2):
        work(HttpWorker(campaign), 2)
    third = HttpWorker(campaign, panel=PROLIFIC)
    assert third.next() is None
    assert me(third)["standing"]["obstacle"] == "none_left"
    assert third.here("complete").status_code == 409
    ended = end(third, leave=True)
    assert (ended["ending"], ended["pay"]) == ("ended_early", "0.00")


def test_a_pause_gives_no_code_and_after_it_work_goes_on() -> None:
    campaign = make_campaign(3)
    worker = HttpWorker(campaign)
    work(worker, 1)
    set_status(campaign, "paused")
    assert worker.next() is None
    assert me(worker)["standing"]["obstacle"] == "paused"
    refused = worker.here("complete")
    assert (refused.status_code, refused.json()["detail"]) == (409, "There are tasks left in this campaign.")
    set_status(campaign, "open")
    work(worker, 2)
    assert end(worker)["ending"] == "finished"


def test_tasks_added_after_completion_are_handed_out_and_the_code_stays() -> None:
    campaign = make_campaign(1)
    worker = HttpWorker(campaign)
    work(worker, 1)
    code = end(worker)["completion_code"]
    add_triplets(campaign, 2)
    assert me(worker)["standing"]["may_work"]
    work(worker, 1)
    assert end(worker)["completion_code"] == me(worker)["ended"]["completion_code"] == code
    work(worker, 1)
    assert Enrolment.objects.get().n_counted == 3


@pytest.mark.both_stores
def test_a_session_cap_ends_the_session_only_however_often_the_page_asks() -> None:
    campaign = make_campaign(6, session_cap=2)
    enrolment = make_enrolment(campaign)

    def session(now: datetime) -> int:
        n = 0
        while held := assignments_claim(enrolment_id=enrolment.pk, now=now).assignments:
            vote_cast(
                worker=enrolment.worker, assignment_id=held[0].pk, answer=Answer("left", key()), now=now
            )
            n += 1
        enrolment.refresh_from_db()
        return n

    assert session(NOW) == 2
    standing = standing_of(enrolment, now=NOW)
    assert (standing.obstacle, standing.resumes_at) == ("session", NOW + SESSION_GAP)
    with pytest.raises(ConflictError, match="tasks left"):
        participation_end(enrolment=enrolment, receipts=[], now=NOW)
    for minutes in range(5, 30, 5):  # a page that keeps asking
        assert session(NOW + timedelta(minutes=minutes)) == 0
    later = NOW + SESSION_GAP + timedelta(seconds=1)
    assert standing_of(enrolment, now=later).may_work
    assert session(later) == 2


def test_the_stated_number_of_answers_earns_the_code_and_gold_tasks_are_among_them() -> None:
    campaign = make_campaign(40, required_answers=6, gold_share=0.5)
    add_triplets(campaign, 20, is_gold=True, gold_answer="a")
    worker = HttpWorker(campaign)
    work(worker, 5)
    refused = worker.here("complete")
    assert "1 more answers are required" in refused.json()["detail"]
    work(worker, 1)
    enrolment = Enrolment.objects.get()
    assert enrolment.n_gold > 0
    assert enrolment.n_counted < 6
    assert me(worker)["standing"] == {
        "may_work": True,
        "obstacle": "",
        "resumes_at": None,
        "earned": "finished",
    }
    assert end(worker)["ending"] == "finished"


def test_skipping_every_task_earns_nothing() -> None:
    worker = HttpWorker(make_campaign(2))
    work(worker, 2, "skip")
    assert me(worker)["standing"]["obstacle"] == "none_left"
    assert worker.here("complete").status_code == 409


@pytest.mark.parametrize("pass_mark", [0.0, 0.5])
def test_skipped_practice_never_qualifies(pass_mark: float) -> None:
    campaign = make_campaign(2, qualification_share=pass_mark)
    add_triplets(campaign, 2, is_training=True, gold_answer="a")
    worker = HttpWorker(campaign)
    work(worker, 2, "skip")
    assert worker.next() is None
    assert worker.here("next").status_code == 403
    assert me(worker)["standing"]["obstacle"] == "unqualified"


def test_who_is_screened_out_gets_a_code_and_a_way_back_of_their_own() -> None:
    campaign = make_campaign(2, qualification_share=1.0, completion_code="FULL", settings=PAID)
    add_triplets(campaign, 1, is_training=True, gold_answer="cant_tell")
    worker = HttpWorker(campaign, panel=PROLIFIC)
    work(worker, 1)
    assert worker.next() is None
    assert end(worker) == end(worker) == {
        "ending": "screened_out",
        "completion_code": "OUT",
        "completion_url": "https://panel.example/out",
        "pay": None,
        "currency": "EUR",
    }  # fmt: skip


def test_ending_early_pays_the_stated_share_and_can_be_followed_by_finishing() -> None:
    campaign = make_campaign(3, required_answers=3, completion_code="FULL", settings=PAID)
    worker = HttpWorker(campaign, panel=PROLIFIC)
    work(worker, 1)
    early = end(worker, leave=True)
    assert (early["ending"], early["completion_code"], early["pay"]) == ("ended_early", "EARLY 1", "1.00")
    assert early["completion_url"] == "https://panel.example/done?cc=EARLY%201"
    work(worker, 2)
    full = end(worker, leave=True)
    assert (full["ending"], full["completion_code"], full["pay"]) == ("finished", "FULL", "4.00")
    assert full["completion_url"] == "https://panel.example/done?cc=FULL"


def test_leaving_does_not_depend_on_what_another_request_has_locked(monkeypatch: pytest.MonkeyPatch) -> None:
    worker = HttpWorker(make_campaign(4, required_answers=1, settings=PAID))
    work(worker, 1)
    worker.next(prefetch=2)
    monkeypatch.setattr(
        endings, "assignments_return", lambda **_: 0
    )  # as if they were being claimed right now
    assert end(worker, leave=True)["ending"] == "finished"


def test_leaving_returns_what_is_held_and_gives_the_code_that_is_due() -> None:
    campaign = make_campaign(6, required_answers=2)
    worker = HttpWorker(campaign)
    work(worker, 2)
    worker.next(prefetch=3)
    assert worker.here("complete").status_code == 409
    assert end(worker, leave=True)["ending"] == "finished"
    assert not Task.objects.filter(n_leased__gt=0).exists()


@pytest.mark.parametrize(
    ("rule", "n", "pay"),
    [
        ({"kind": "amount", "value": 0.5}, 1, Decimal("0.50")),
        ({"kind": "share", "value": 0.333}, 1, Decimal("1.33")),
        ({"kind": "amount", "value": 0.5}, 0, Decimal("0.00")),
        (None, 1, None),
    ],
)
def test_the_rule_for_partial_pay(rule: dict[str, Any] | None, n: int, pay: Decimal | None) -> None:
    worker = HttpWorker(make_campaign(3, settings={**PAID, "partial_pay": rule}))
    work(worker, n)
    end(worker, leave=True)
    assert Enrolment.objects.get().pay == pay


def test_blocked_workers_are_led_back_without_a_code_and_keep_one_they_had_earned() -> None:
    campaign = make_campaign(2, settings=PAID)
    done, halfway = HttpWorker(campaign), HttpWorker(campaign)
    work(done, 2)
    code = end(done)["completion_code"]
    work(halfway, 1)
    for enrolment in Enrolment.objects.all():
        enrolment_block(enrolment=enrolment, by=None, reason="clicks blindly")
    assert end(done)["completion_code"] == code
    ended = end(halfway, leave=True)
    assert (ended["ending"], ended["completion_code"]) == ("blocked", "")
    assert ended["completion_url"] == "https://panel.example/back"
    assert me(halfway)["standing"]["obstacle"] == "blocked"


def test_without_addresses_of_ours_every_ending_leads_to_the_panels_page() -> None:
    campaign = make_campaign(2, settings={"completion_url": "https://panel.example/done?cc=FULL"})
    worker = HttpWorker(campaign, panel=PROLIFIC)
    assert end(worker, leave=True)["completion_url"] == "https://app.prolific.com/submissions"
    work(worker, 2)
    assert end(worker)["completion_url"] == "https://panel.example/done?cc=FULL"


def test_an_operator_lets_a_worker_work_again(operator: User) -> None:
    campaign = make_campaign(2, qualification_share=1.0)
    add_triplets(campaign, 1, is_training=True, gold_answer="cant_tell")
    worker = HttpWorker(campaign)
    work(worker, 1)
    worker.next()
    end(worker)
    enrolment_unblock(enrolment=Enrolment.objects.get(), by=operator, reason="spoke with them")
    assert me(worker)["standing"]["may_work"]
    work(worker, 2)
    assert end(worker)["ending"] == "finished"


def test_a_code_is_not_given_twice_at_once() -> None:
    worker = HttpWorker(make_campaign(1))
    work(worker, 1)
    assert end(worker)["completion_code"] == end(worker)["completion_code"]

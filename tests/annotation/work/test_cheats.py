"""What a worker could gain by cheating: finding gold tasks, inventing times, being several people, clicking blindly."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from annotation.models import AuditEvent, Campaign, Enrolment, Task, Vote, Worker
from annotation.selectors.votes import counted_votes
from annotation.services.aggregation.refresh import aggregation_refresh
from annotation.services.work import claims
from annotation.services.work.claims import assignments_claim
from annotation.services.work.undos import vote_undo
from annotation.services.work.votes import Answer, vote_cast
from annotation.services.workers.moderation import enrolment_unblock
from tests.support.crowd import HttpWorker, add_triplets, key, make_campaign, make_enrolment
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 1, 1, 9, tzinfo=UTC)
PROLIFIC = {"provider": "PROLIFIC", "worker": "5f1", "study": "s1", "session": "x1"}
BROWSER, OTHER = "a-secret-of-this-browser-0123456789", "a-secret-of-another-one-0123456789"


def shape(value: Any) -> Any:
    """Return JSON with every text and number replaced by its type: what the bytes say besides the content."""
    if isinstance(value, dict):
        return {name: shape(one) for name, one in value.items()}
    return value if value is None or isinstance(value, bool) else type(value).__name__


def gold_campaign(n: int = 60, **fields: Any) -> Campaign:
    campaign = make_campaign(n, gold_share=0.5, **fields)
    add_triplets(campaign, n, is_gold=True, gold_answer="a")
    return campaign


def test_no_byte_of_task_or_receipt_tells_gold_from_others() -> None:
    worker = HttpWorker(gold_campaign(break_every=0))
    seen: dict[bool, set[str]] = {True: set(), False: set()}
    for choice in ("left", "right", "cant_tell", "skip", "left", "undo") * 12:
        card = worker.next()
        receipts = [worker.vote(card["id"], "left" if choice == "undo" else choice)]
        if choice == "undo":
            receipts.append(worker.on(card["id"], "undo", idempotency_key=key()).json())
            receipts.append(worker.vote(card["id"], "left"))
        is_gold = Task.objects.get(assignments=card["id"]).is_gold
        seen[is_gold].add(json.dumps([choice, shape(card["assignments"]), [shape(one) for one in receipts]]))
    assert seen[True]
    assert seen[True] == seen[False]


def test_gold_is_at_any_place_of_a_batch() -> None:
    campaign = gold_campaign()
    places = set()
    for _ in range(8):
        held = assignments_claim(enrolment_id=make_enrolment(campaign).pk, wanted=8, now=NOW).assignments
        assert [a.position for a in held] == sorted(a.position for a in held)
        places |= {place for place, a in enumerate(held) if a.task.is_gold}
    assert len(places) >= 6


def test_an_expired_gold_task_comes_back_like_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims, "gold_due", lambda **_: True)  # which otherwise depends on the enrolment's id
    campaign = gold_campaign(2)
    enrolment = make_enrolment(campaign)
    held = assignments_claim(enrolment_id=enrolment.pk, wanted=8, now=NOW).assignments
    assert any(a.task.is_gold for a in held)
    later = NOW + timedelta(hours=1)
    again = assignments_claim(enrolment_id=enrolment.pk, wanted=8, now=later).assignments
    assert {a.pk for a in again} >= {a.pk for a in held}


@pytest.mark.both_stores
def test_the_server_measures_from_delivery_or_the_last_answer() -> None:
    campaign = make_campaign(4)
    enrolment = make_enrolment(campaign)
    held = assignments_claim(enrolment_id=enrolment.pk, wanted=4, now=NOW).assignments

    def answer(which: int, after_s: float) -> None:
        vote_cast(
            worker=enrolment.worker,
            assignment_id=held[which].pk,
            answer=Answer("left", key(), response_ms=5000),
            now=NOW + timedelta(seconds=after_s),
        )

    answer(0, 3)
    answer(1, 3.2)
    vote_undo(
        worker=enrolment.worker,
        assignment_id=held[1].pk,
        idempotency_key=key(),
        now=NOW + timedelta(seconds=4),
    )
    answer(1, 4.5)
    answer(2, 4.5)
    votes = Vote.objects.exclude(choice="undo").order_by("pk")
    assert [vote.measured_ms for vote in votes] == [3000, 200, 500, 1]
    assert {vote.response_ms for vote in votes} == {5000}  # the note beside it
    assert counted_votes(campaign).response_ms.tolist() == [3000, 500, 1]


def test_simulated_and_imported_votes_keep_their_stated_times() -> None:
    campaign = make_campaign(1)
    enrolment = make_enrolment(campaign)
    Worker.objects.update(panel="SYNTHETIC", panel_id="s1")
    (held,) = assignments_claim(enrolment_id=enrolment.pk, now=NOW).assignments
    answer = Answer("left", key(), response_ms=1700)
    vote_cast(worker=enrolment.worker, assignment_id=held.pk, answer=answer, now=NOW)
    assert counted_votes(campaign).response_ms.tolist() == [1700]


def join(campaign: Campaign, *, address: str = "192.0.2.1", **body: Any) -> Any:
    api = APIClient(REMOTE_ADDR=address)
    return api.post(f"/api/v1/campaigns/{campaign.pk}/join", {"consent": True, **body})


def personal_link(operator_api: APIClient, campaign: Campaign) -> str:
    answer = operator_api.post(
        f"/api/v1/campaigns/{campaign.pk}/participants/", {"provider": "LAB", "worker": "p1"}
    )
    return str(answer.json()["url"].partition("#participant=")[2])


def test_a_campaign_may_be_for_a_panel_or_for_invited_people_only(operator_api: APIClient) -> None:
    panel, invite = make_campaign(1, access="panel"), make_campaign(1, access="invite")
    refused = join(panel)
    assert (refused.status_code, "panel" in refused.json()["detail"]) == (403, True)
    assert join(panel, panel=PROLIFIC).status_code == 201
    assert join(invite).status_code == join(invite, panel=PROLIFIC).status_code == 403
    assert join(invite, participant=personal_link(operator_api, invite)).status_code == 201
    assert join(panel, participant=personal_link(operator_api, panel)).status_code == 201
    assert Enrolment.objects.count() == 3


def test_who_has_joined_may_come_back_although_the_campaign_became_private() -> None:
    campaign = make_campaign(1)
    first = join(campaign, browser_key=BROWSER).json()
    Campaign.objects.update(access="invite")
    assert join(campaign, browser_key=BROWSER).json()["enrolment"]["id"] == first["enrolment"]["id"]


def test_private_campaigns_are_not_listed(client: Any) -> None:
    for access in ("open", "panel", "invite"):
        make_campaign(1, title=f"For {access}", access=access)
    page = client.get("/annotate/").content.decode()
    assert [access for access in ("open", "panel", "invite") if f"For {access}" in page] == ["open"]


def test_a_browser_that_deleted_its_cookies_is_the_same_worker() -> None:
    campaign = make_campaign(2)
    ids = [
        join(campaign, browser_key=secret).json()["enrolment"]["id"] for secret in (BROWSER, BROWSER, OTHER)
    ]
    assert ids[0] == ids[1] != ids[2]


def test_new_identities_are_limited_by_browser_and_by_address(settings: Settings) -> None:
    settings.IDENTITIES_PER_BROWSER, settings.IDENTITIES_PER_ADDRESS = 2, 4
    campaign = make_campaign(1)

    def participant(n: int, browser: str, address: str = "192.0.2.1") -> int:
        secret = {"browser_key": browser} if browser else {}
        panel = {**PROLIFIC, "worker": f"p{n}"}
        return int(join(campaign, panel=panel, address=address, **secret).status_code)

    assert [participant(n, BROWSER) for n in range(3)] == [201, 201, 429]
    assert participant(0, BROWSER) == 201  # no new identity
    assert participant(3, OTHER) == 201
    assert participant(4, "", "192.0.2.7") == 201
    assert [join(campaign).status_code for _ in range(2)] == [201, 429]
    assert join(make_campaign(1)).status_code == 201  # another campaign


def test_an_account_and_a_personal_link_are_no_new_identities(
    settings: Settings, owner_api: APIClient, operator_api: APIClient
) -> None:
    settings.IDENTITIES_PER_ADDRESS = 1
    campaign = make_campaign(1)
    assert [join(campaign).status_code for _ in range(2)] == [201, 429]
    assert owner_api.post(f"/api/v1/campaigns/{campaign.pk}/join", {"consent": True}).status_code == 201
    assert join(campaign, participant=personal_link(operator_api, campaign)).status_code == 201


def click_left(worker: HttpWorker, most: int = 60) -> int:
    """Always choose the left photo until nothing more is handed out. Return the number of answers."""
    for n in range(most):
        if worker.here("next").status_code != 200:
            return n
        worker.vote(worker.next()["id"], "left", response_ms=2500)
    return most


def test_rules_that_act_block_a_blind_clicker_within_the_first_answers() -> None:
    campaign = make_campaign(60, settings={"rules_act": True, "rules": {"median_ms_block": 0}})
    worker = HttpWorker(campaign)
    assert click_left(worker) <= 25
    me = worker.api.get(f"/api/v1/campaigns/{campaign.pk}/me").json()
    assert me["standing"]["obstacle"] == "blocked"
    assert "preference for one side" in me["block_reason"]
    event = AuditEvent.objects.get(action="enrolment.block")
    assert event.by is None
    assert not Task.objects.filter(n_leased__gt=0).exists()


def test_invented_times_do_not_hide_a_script() -> None:
    worker = HttpWorker(make_campaign(60, settings={"rules_act": True}))
    assert click_left(worker) <= 12  # each is said to have taken 2.5 s
    assert "median answer in ms" in Enrolment.objects.get().block_reason


def test_gold_tasks_act_early_too() -> None:
    settings = {"rules_act": True, "rules": {"median_ms_block": 0, "left_block": 1}}
    campaign = gold_campaign(settings=settings)
    worker = HttpWorker(campaign)
    for _ in range(60):
        if worker.here("next").status_code != 200:
            break
        card = worker.next()
        worker.vote(card["id"], "right" if card["left"]["id"] < card["right"]["id"] else "left")  # never "a"
    assert Enrolment.objects.get().n_answers < 50
    assert "known answers right" in Enrolment.objects.get().block_reason


def test_an_operators_decision_stands_against_early_rules(operator: User) -> None:
    worker = HttpWorker(make_campaign(40, settings={"rules_act": True}))
    click_left(worker)
    enrolment_unblock(enrolment=Enrolment.objects.get(), by=operator, reason="tested the keyboard")
    assert worker.next() is not None
    assert not Enrolment.objects.get().blocked


def test_a_clicker_past_the_limit_is_not_shown_as_fine(operator_api: APIClient) -> None:
    campaign = make_campaign(26, settings={"rules": {"median_ms_block": 0, "median_ms_warn": 0}})
    click_left(HttpWorker(campaign))
    aggregation_refresh(campaign=campaign, now=NOW)
    (row,) = operator_api.get(f"/api/v1/campaigns/{campaign.pk}/workers/").json()["results"]
    assert row["status"] == "failing"


def test_unknown_rules_are_refused_when_saved(operator_api: APIClient) -> None:
    campaign = make_campaign(1)
    body = {"settings": {"rules": {"gold": 1}}}
    refused = operator_api.patch(f"/api/v1/campaigns/{campaign.pk}/", body)
    assert (refused.status_code, "rules.gold" in refused.json()["detail"]) == (400, True)

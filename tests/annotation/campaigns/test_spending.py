"""Estimates before tasks are made, and a cap that stops handing out tasks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from annotation.models import Campaign, Enrolment, Task, Vote
from tests.factories import CategoryFactory, ProductFactory
from tests.support.crowd import HttpWorker, add_triplets, make_campaign, make_sketch

pytestmark = pytest.mark.django_db


def estimate(api: APIClient, campaign: Campaign, **body: Any) -> dict[str, Any]:
    answer = api.post(f"/api/v1/campaigns/{campaign.pk}/estimate/", body)
    assert answer.status_code == 200, answer.json()
    found: dict[str, Any] = answer.json()
    return found


def progress(api: APIClient, campaign: Campaign) -> dict[str, Any]:
    from annotation.selectors.progress import progress_cache_clear

    progress_cache_clear(campaign)
    found: dict[str, Any] = api.get(f"/api/v1/campaigns/{campaign.pk}/progress/").json()
    return found


def why(worker: HttpWorker) -> str:
    body = worker.api.get(f"/api/v1/campaigns/{worker.campaign.pk}/me").json()
    return str(body["standing"]["obstacle"])


def test_a_pilot_that_does_not_exist_is_named(operator_api: APIClient) -> None:
    answer = operator_api.post(f"/api/v1/campaigns/{make_campaign(1).pk}/estimate/", {"pilot": 99999})
    assert (answer.status_code, answer.json()["field"]) == (400, "pilot")


def test_an_estimate_counts_what_would_be_made_and_makes_nothing(operator_api: APIClient) -> None:
    shelf = CategoryFactory(slug="chairs")
    for n in range(5):
        ProductFactory(category=shelf, photo__seed=n)
    make_sketch(), make_sketch()
    campaign = make_campaign(
        0, status="draft", required_answers=10, settings={"reward": 3, "currency": "EUR"}
    )
    found = estimate(operator_api, campaign, candidates={"category": "chairs", "n_candidates": 4})
    assert (found["n_existing"], found["n_planned"]) == (0, 12)
    assert (found["votes_min"], found["votes"], found["votes_max"]) == (24, 27, 36)
    assert (found["people"], found["pay"], found["pace_votes"]) == (3, 9, 0)
    assert found["hours"] == pytest.approx(27 * 5 / 3600, abs=0.01)
    assert found["pay_per_hour"] == pytest.approx(9 / (27 * 5 / 3600), abs=0.01)
    assert not Task.objects.exists()
    made = operator_api.post(
        f"/api/v1/campaigns/{campaign.pk}/tasks/",
        {"candidates": {"category": "chairs", "n_candidates": 4}},
    ).json()
    assert made == {"made": 12, "known": 0}


def test_no_pay_is_not_a_pay_of_nothing(operator_api: APIClient) -> None:
    campaign = make_campaign(3, status="draft")
    found = estimate(operator_api, campaign)
    assert (found["pay"], found["pay_per_hour"], found["spending_cap"]) == (None, None, None)
    Campaign.objects.update(settings={"reward": 0})
    assert estimate(operator_api, campaign)["pay"] == 0


def test_the_pace_and_disagreement_of_a_pilot(operator_api: APIClient) -> None:
    pilot = make_campaign(30, votes_per_task=2, stop_when_decided=False)
    for choice in ("left", "right"):
        worker = HttpWorker(pilot)
        while card := worker.next():
            worker.vote(card["id"], choice)
    from django.db import connection

    with (
        connection.cursor() as cursor
    ):  # as if each answer had taken two seconds; the guard forbids it to all others
        cursor.execute("DROP TRIGGER annotation_vote_measured_once" + _of_table())
        Vote.objects.update(measured_ms=2000)
    found = estimate(operator_api, make_campaign(10, status="draft"), pilot=pilot.pk)
    assert (found["seconds_per_answer"], found["pace_votes"]) == (2, 60)
    assert (found["split_tasks"], 0 <= found["split_share"] <= 1) == (30, True)


def _of_table() -> str:
    from django.db import connection

    return " ON annotation_vote" if connection.vendor == "postgresql" else ""


def test_power_is_stated_for_alpha_and_effect(operator_api: APIClient) -> None:
    campaign = make_campaign(0, status="draft")
    few = estimate(operator_api, campaign, n_tasks=50, alpha=0.05, effect=0.6)
    many = estimate(operator_api, campaign, n_tasks=200, alpha=0.05, effect=0.6)
    assert few["power"] < 0.4 < 0.75 < many["power"]
    assert many["detectable"] == pytest.approx(0.6, abs=0.01)
    assert estimate(operator_api, campaign, n_tasks=3)["detectable"] is None
    refused = operator_api.post(f"/api/v1/campaigns/{campaign.pk}/estimate/", {"alpha": 2})
    assert (refused.status_code, refused.json()["field"]) == (400, "alpha")


def test_a_cap_on_answers_stops_new_tasks_and_raising_it_continues(operator_api: APIClient) -> None:
    settings = {"cost_per_answer": 0.5, "currency": "EUR", "spending_cap": 1}
    campaign = make_campaign(6, settings=settings)
    worker = HttpWorker(campaign)
    worker.vote(worker.next()["id"])
    card = worker.next()
    other = HttpWorker(campaign)
    assert other.next() is None  # half is spent, half is promised for the task that is held
    assert why(other) == "spending_cap"
    worker.vote(card["id"])
    assert worker.next() is None
    shown = progress(operator_api, campaign)
    assert (shown["spent"], shown["promised"], shown["spending_cap"], shown["cap_reached"]) == (1, 0, 1, True)
    raised = {"settings": {**settings, "spending_cap": 2}}
    assert operator_api.patch(f"/api/v1/campaigns/{campaign.pk}/", raised).status_code == 200
    assert worker.next()


def test_where_finishing_is_paid_who_has_begun_may_finish_and_nobody_else_begins(
    operator_api: APIClient,
) -> None:
    settings = {"reward": 4, "currency": "EUR", "spending_cap": 5}
    campaign = make_campaign(6, required_answers=2, settings=settings)
    first = HttpWorker(campaign)
    first.vote(first.next()["id"])
    late = HttpWorker(campaign)
    assert late.next() is None
    assert why(late) == "spending_cap"
    first.vote(first.next()["id"])
    assert first.here("complete", {}).json()["pay"] == "4.00"
    shown = progress(operator_api, campaign)
    assert (shown["spent"], shown["promised"], shown["cap_reached"]) == (4, 0, True)
    assert late.next() is None


def test_who_left_for_a_day_is_no_longer_promised_anything() -> None:
    campaign = make_campaign(6, required_answers=2, settings={"reward": 4, "spending_cap": 5})
    first = HttpWorker(campaign)
    first.vote(first.next()["id"])
    Enrolment.objects.update(last_seen_at=timezone.now() - timedelta(days=2))
    second = HttpWorker(campaign)
    assert second.next()
    assert first.next() is None


def test_a_cap_of_zero_is_a_cap_and_one_without_pay_is_refused(operator_api: APIClient) -> None:
    campaign = make_campaign(1, settings={"cost_per_answer": 0.1, "spending_cap": 0})
    assert HttpWorker(campaign).next() is None
    refused = operator_api.patch(f"/api/v1/campaigns/{campaign.pk}/", {"settings": {"spending_cap": 5}})
    assert (refused.status_code, refused.json()["field"]) == (400, "settings")


def test_an_estimate_above_the_cap_says_so(operator_api: APIClient) -> None:
    settings = {"cost_per_answer": 0.1, "spending_cap": 1}
    assert estimate(operator_api, make_campaign(10, status="draft", settings=settings))["exceeds_cap"]
    assert not estimate(operator_api, make_campaign(2, status="draft", settings=settings))["exceeds_cap"]


GOLD_BONUS = {"kind": "gold", "every": 1, "amount": 0.5}
AGREEMENT_BONUS = {"kind": "agreement", "above": 0.8, "least": 1, "amount": 2}


def gold_of(campaign: Campaign, n: int) -> list[Task]:
    return add_triplets(campaign, n, is_gold=True, gold_answer="a")


def test_the_estimate_has_the_largest_bonus_and_compares_it_with_the_cap(operator_api: APIClient) -> None:
    terms = {"reward": 3, "currency": "EUR", "spending_cap": 13}
    campaign = make_campaign(
        10, status="draft", required_answers=10, gold_share=0.2, settings={**terms, "bonus": GOLD_BONUS}
    )
    gold_of(campaign, 4)
    found = estimate(operator_api, campaign)
    assert (found["people"], found["pay"], found["bonus"]) == (3, 9, 6)  # all of four gold tasks, three times
    assert found["exceeds_cap"]
    Campaign.objects.update(settings={**terms, "bonus": AGREEMENT_BONUS, "spending_cap": 15})
    found = estimate(operator_api, campaign)
    assert (found["bonus"], found["exceeds_cap"]) == (6, False)
    assert (found["people_max"], found["pay_max"], found["bonus_max"]) == (4, 12, 8)
    Campaign.objects.update(settings=terms)
    assert estimate(operator_api, campaign)["bonus"] is None


def test_a_possible_bonus_is_promised_so_that_nobody_starts_beyond_the_cap(operator_api: APIClient) -> None:
    settings = {"reward": 4, "currency": "EUR", "spending_cap": 11, "bonus": AGREEMENT_BONUS}
    campaign = make_campaign(6, required_answers=1, settings=settings)
    first, second = HttpWorker(campaign), HttpWorker(campaign)
    first.vote(first.next()["id"])
    shown = progress(operator_api, campaign)
    assert (shown["spent"], shown["promised"], shown["cap_reached"]) == (0, 6, True)
    assert second.next() is None  # 4 more would fit, but not the bonus of 2
    first.here("complete", {})
    shown = progress(operator_api, campaign)
    assert (shown["spent"], shown["promised"]) == (4, 2)
    Campaign.objects.update(settings={**settings, "spending_cap": 12})
    assert second.next()


def test_where_answers_are_paid_the_first_one_reserves_the_bonus(operator_api: APIClient) -> None:
    settings = {"cost_per_answer": 1, "currency": "EUR", "spending_cap": 4, "bonus": AGREEMENT_BONUS}
    campaign = make_campaign(6, settings=settings)
    first, second = HttpWorker(campaign), HttpWorker(campaign)
    first.vote(first.next()["id"])
    assert second.next() is None  # an answer and a bonus would make 6
    assert first.next()
    shown = progress(operator_api, campaign)
    assert (shown["spent"], shown["promised"], shown["cap_reached"]) == (1, 3, True)


def test_gold_tasks_beyond_the_required_answers_need_room_in_the_cap(operator_api: APIClient) -> None:
    settings = {"reward": 4, "currency": "EUR", "spending_cap": 6, "bonus": {**GOLD_BONUS, "amount": 1}}
    campaign = make_campaign(6, required_answers=2, gold_share=0.5, settings=settings)
    gold_of(campaign, 3)
    worker = HttpWorker(campaign)
    for _ in range(2):
        worker.vote(worker.next()["id"])
    assert worker.here("complete", {}).json()["ending"] == "finished"
    shown = progress(operator_api, campaign)
    assert (shown["spent"], shown["promised"]) == (4, 2)
    assert worker.next() is None  # a third task might be the third gold task
    assert why(worker) == "spending_cap"
    Campaign.objects.update(settings={**settings, "spending_cap": 7})
    assert worker.next(prefetch=4)
    assert progress(operator_api, campaign)["promised"] == 3

"""Estimates of campaigns whose pairs are chosen by the votes: all rounds, with an expected and a largest number."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from annotation.estimates.adaptive import expected_pairs
from annotation.models import Campaign, CandidateSet, Task, TripletTask
from annotation.selectors.rounds import settled_of
from tests.annotation.campaigns.test_spending import estimate
from tests.annotation.work.test_rounds import adaptive, judge
from tests.factories import CategoryFactory, ProductFactory
from tests.support.crowd import HttpWorker, make_campaign, make_sketch

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("risk", "pairs"), [(0.02, 31.7), (0.1, 26.8), (0.3, 22.2), (0.001, 31.7), (0.5, 22.2)]
)
def test_ten_candidates_take_what_was_measured(risk: float, pairs: float) -> None:
    assert expected_pairs(10, risk) == pytest.approx(pairs)


@pytest.mark.parametrize(("n", "least", "most"), [(2, 1, 1), (4, 5, 6), (6, 11, 12), (20, 80, 90)])
def test_other_numbers_of_candidates_take_what_simulated_voters_took(n: int, least: int, most: int) -> None:
    assert least <= expected_pairs(n, 0.1) <= most


def plan(n_candidates: int = 10, **more: Any) -> dict[str, Any]:
    return {"category": "chairs", "n_candidates": n_candidates, "plan": {"strategy": "adaptive", **more}}


def test_all_rounds_are_planned_not_only_the_first(operator_api: APIClient) -> None:
    shelf = CategoryFactory(slug="chairs")
    for n in range(10):
        ProductFactory(category=shelf, photo__seed=n)
    make_sketch(), make_sketch()
    campaign = make_campaign(
        0, status="draft", required_answers=20, settings={"reward": 2, "currency": "EUR"}
    )
    found = estimate(operator_api, campaign, candidates=plan())
    assert (found["n_adaptive"], found["n_planned"], found["n_planned_max"]) == (2, 54, 90)
    assert (found["votes_min"], found["votes"], found["votes_max"]) == (20, 123, 270)
    assert (found["people"], found["people_max"]) == (7, 14)
    assert (found["pay"], found["pay_max"], found["pace_sketches"]) == (14, 28, 0)
    assert not Task.objects.exists()

    operator_api.post(f"/api/v1/campaigns/{campaign.pk}/tasks/", {"candidates": plan()})
    assert TripletTask.objects.count() == 10  # the first round
    made = estimate(operator_api, campaign)
    assert (made["n_existing"], made["n_planned"], made["n_planned_max"]) == (10, 44, 80)
    assert (made["votes"], made["votes_max"], made["n_adaptive"]) == (123, 270, 2)


def test_sketches_in_order_say_how_many_pairs_the_others_take(
    operator_api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("annotation.selectors.money.rounds.ENOUGH", 2)
    pilot = adaptive(n_sketches=3, n_candidates=6, votes_per_task=1)
    judge(HttpWorker(pilot))
    assert settled_of(pilot) == (3, 3)
    n_pairs = TripletTask.objects.filter(campaign=pilot).count() / 3
    study = copied(operator_api, pilot)
    assert estimate(operator_api, study)["pace_sketches"] == 0
    found = estimate(operator_api, study, pilot=pilot.pk)
    assert found["pace_sketches"] == 3
    assert found["n_existing"] + found["n_planned"] == pytest.approx(3 * n_pairs, abs=1)


def test_a_duplicate_is_adaptive_too_and_begins_with_the_first_round(operator_api: APIClient) -> None:
    campaign = adaptive(n_sketches=2, n_candidates=6, votes_per_task=1)
    judge(HttpWorker(campaign))
    assert TripletTask.objects.filter(campaign=campaign, is_random_share=False).exists()
    study = copied(operator_api, campaign)
    assert TripletTask.objects.filter(campaign=study).count() == 6
    assert set(CandidateSet.objects.filter(campaign=study).values_list("risk", "settled_at")) == {(0.1, None)}
    found = estimate(operator_api, study)
    assert found["n_adaptive"] == 2
    assert found["n_existing"] + found["n_planned"] == round(2 * expected_pairs(6, 0.1))
    study.status, study.opened_at = Campaign.Status.OPEN, timezone.now()
    study.save()
    assert judge(HttpWorker(study)) > 6


def copied(api: APIClient, campaign: Campaign) -> Campaign:
    body = {"title": "Copy", "slug": "copy", "with_tasks": True}
    answer = api.post(f"/api/v1/campaigns/{campaign.pk}/duplicate", body)
    assert answer.status_code == 201, answer.json()
    return Campaign.objects.get(slug="copy")

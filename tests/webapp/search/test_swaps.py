"""Random swaps of neighbouring ranks, from which position bias is estimated."""

from __future__ import annotations

from typing import Any

from pytest_django import Settings
from rest_framework.test import APIClient

from tests.webapp.search.test_search_api import SKETCH
from webapp.clicks.models import Answer
from webapp.registry.models import Release


def answers(api: APIClient, n: int) -> list[dict[str, Any]]:
    found = []
    for number in range(n):
        body = {"sketch": SKETCH, "visit": f"visit-of-a-tab-no-{number}"}
        answer = api.post("/api/v1/search", body, format="json").json()
        api.post("/api/v1/answers/", {"answer_id": answer["answer_id"]}, format="json")
        found.append(answer)
    return found


def ids(answer: dict[str, Any]) -> list[int]:
    return [result["product"]["id"] for result in answer["results"]]


def test_results_keep_their_order_unless_the_site_learns_from_clicks(
    api: APIClient, release: Release, settings: Settings
) -> None:
    settings.RECORD_CLICKS = "on"
    found = answers(api, 6)
    assert all(ids(answer) == ids(found[0]) for answer in found)
    assert not Answer.objects.filter(pair__gt=0).exists()


def test_half_of_the_answers_have_two_neighbours_swapped(
    api: APIClient, release: Release, settings: Settings
) -> None:
    settings.RECORD_CLICKS = "on"
    straight = ids(answers(api, 1)[0])
    settings.LEARN_FROM_CLICKS = True
    found = answers(api, 16)
    rows = list(Answer.objects.order_by("pk"))[1:]
    for answer, row in zip(found, rows, strict=True):
        expected = list(straight)
        if row.swapped:
            upper = row.pair - 1
            expected[upper], expected[row.pair] = expected[row.pair], expected[upper]
        assert ids(answer) == expected == row.product_ids
        assert [result["rank"] for result in answer["results"]] == list(range(1, 13))
    assert 3 <= sum(row.swapped for row in rows) <= 13
    assert len({row.pair for row in rows}) > 3


def test_answers_that_are_not_recorded_are_not_swapped(
    api: APIClient, release: Release, settings: Settings
) -> None:
    settings.LEARN_FROM_CLICKS = True
    bodies = [api.post("/api/v1/search", {"sketch": SKETCH}, format="json").json() for _ in range(4)]
    assert all(ids(body) == ids(bodies[0]) for body in bodies)
    scores = [result["score"] for result in bodies[0]["results"]]
    assert scores == sorted(scores, reverse=True)

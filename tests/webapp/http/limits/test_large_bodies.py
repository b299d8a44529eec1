"""Large bodies of anonymous users are charged, whatever their target; small ones never are."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from tests.support.crowd import HttpWorker, make_campaign
from webapp.http.limits import budget
from webapp.http.limits.budget import work

pytestmark = pytest.mark.django_db
JUNK: dict[str, Any] = {"junk": ["x" * 100] * 8_000}
ADDRESS = "127.0.0.1"
PATHS = ["/api/v1/sketches/", "/api/v1/campaigns/1/join", "/api/v1/search", "/api/v1/no-such-address/"]


@pytest.mark.parametrize("path", PATHS)
def test_a_large_body_is_charged_though_it_is_refused(
    api: APIClient, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    times = iter(range(1000))
    monkeypatch.setattr(budget, "thread_time", lambda: 0.1 * next(times))  # as on a slow machine
    assert api.post(path, JUNK).status_code in (400, 404, 413)
    assert work._left_now(ADDRESS) < budget.BURST_MS - 50


def test_over_the_budget_large_bodies_are_refused_but_votes_are_not(api: APIClient) -> None:
    worker = HttpWorker(make_campaign(2))
    for _ in range(9):
        work.charge(ADDRESS, 200)
    refused = api.post("/api/v1/sketches/", JUNK)
    assert (refused.status_code, refused["Content-Type"]) == (429, "application/problem+json")
    assert int(refused["Retry-After"]) > 0
    worker.vote(worker.next()["id"])


def test_small_requests_cost_nothing_however_long_they_take(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter(range(1000))
    monkeypatch.setattr(budget, "thread_time", lambda: float(next(times)))
    worker = HttpWorker(make_campaign(2))
    worker.vote(worker.next()["id"])
    assert work._left_now(ADDRESS) == budget.BURST_MS


def test_operators_are_not_charged(operator_api: APIClient, api: APIClient) -> None:
    for _ in range(9):
        work.charge(ADDRESS, 200)
    assert operator_api.post("/api/v1/sketches/", JUNK).status_code == 400
    left = work.wait_s(ADDRESS)
    assert api.post("/api/v1/sketches/", JUNK).status_code == 429
    assert left <= 13


def test_joining_with_more_than_a_few_kilobytes_is_refused(api: APIClient) -> None:
    campaign = make_campaign(1)
    answer = api.post(f"/api/v1/campaigns/{campaign.pk}/join", {"consent": True, "x": "y" * 20_000})
    assert answer.status_code == 413

"""The table of workers of a large open campaign shows the job's figures, and says so; all about pay is up to date."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from rest_framework.test import APIClient

from annotation.models import Assignment, Campaign, Decision
from annotation.selectors import reports
from annotation.services.aggregation.refresh import aggregation_refresh
from tests.support.crowd import HttpWorker, key, make_campaign

pytestmark = pytest.mark.django_db
NAMES = ("ann", "ben", "cleo")
PAID: dict[str, Any] = {
    "currency": "EUR",
    "reward": 4,
    "bonus": {"kind": "agreement", "above": 0.8, "least": 3, "amount": 1},
}


def test_a_large_campaign_shows_the_jobs_figures_and_pays_by_the_votes_as_they_are(
    operator_api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "CURRENT_UP_TO", 10)
    campaign = make_campaign(9, votes_per_task=3, stop_when_decided=False, settings=PAID)
    url = f"/api/v1/campaigns/{campaign.pk}"
    workers = [
        HttpWorker(campaign, panel={"provider": "PROLIFIC", "worker": name, "study": "s", "session": name})
        for name in NAMES
    ]

    def table() -> tuple[Any, list[float]]:
        """Return when the table's figures were computed, and each worker's agreement."""
        rows = operator_api.get(f"{url}/workers/").json()["results"]
        (at,) = {row["figures_at"] for row in rows}
        return at, [row["agreement"] for row in rows]

    def settled() -> list[float]:
        return [row["agreement"]["share"] for row in operator_api.get(f"{url}/settle/").json()["rows"]]

    def work(n: int, *choices: str) -> None:
        for worker, choice in zip(workers, choices, strict=True):
            for _ in range(n):
                given = worker.next()["id"]
                left = Assignment.objects.get(pk=given).left_is_a == (choice == "a")
                worker.vote(given, "left" if left else "right")

    work(2, "a", "a", "a")
    assert table() == (None, [1, 1, 1])
    work(3, "a", "a", "a")
    assert table() == (None, [1, 1, 1])  # the job has not run yet
    aggregation_refresh(campaign=campaign, now=datetime(2026, 1, 1, tzinfo=UTC))
    work(4, "a", "a", "b")
    assert table() == ("2026-01-01T00:00:00Z", [1, 1, 1])
    assert settled() == [1, 1, 5 / 9]
    for row in operator_api.get(f"{url}/settle/").json()["rows"]:
        body = {"enrolments": [row["enrolment_id"]], "verdict": "approve"}
        assert operator_api.post(f"{url}/settle/", body).status_code == 200
    paid = Decision.objects.order_by("enrolment").values_list("enrolment__worker__panel_id", "bonus")
    assert [(name, int(bonus)) for name, bonus in paid] == [("ann", 1), ("ben", 1), ("cleo", 0)]
    Campaign.objects.update(status=Campaign.Status.CLOSED)
    assert table() == (None, [1, 1, 5 / 9])  # no job refreshes it later


def test_an_answer_replaced_by_its_opposite_shows_at_once(operator_api: APIClient) -> None:
    campaign = make_campaign(2, votes_per_task=3, stop_when_decided=False)
    workers = [HttpWorker(campaign) for _ in NAMES]
    given = [worker.next()["id"] for worker in workers]
    for worker, assignment in zip(workers, given, strict=True):
        left = Assignment.objects.get(pk=assignment).left_is_a
        worker.vote(assignment, "left" if left else "right")
    url = f"/api/v1/campaigns/{campaign.pk}/workers/"
    assert [row["agreement"] for row in operator_api.get(url).json()["results"]] == [1, 1, 1]
    workers[0].on(given[0], "undo", idempotency_key=key())
    workers[0].vote(given[0], "right" if Assignment.objects.get(pk=given[0]).left_is_a else "left")
    assert operator_api.get(url).json()["results"][0]["agreement"] == 0

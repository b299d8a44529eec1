"""Large campaigns show the figures that the periodic job has stored, and say so; decisions about pay are up to date."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from rest_framework.test import APIClient

from annotation.models import Assignment, Decision
from annotation.selectors import reports
from annotation.services.aggregation.refresh import aggregation_refresh
from tests.support.crowd import HttpWorker, make_campaign

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

    def shown() -> tuple[Any, list[Any]]:
        """Return when the figures were computed, and each worker's agreement, after comparing both pages."""
        table = operator_api.get(f"{url}/workers/").json()["results"]
        page = operator_api.get(f"{url}/settle/").json()
        assert [row["agreement"] for row in table] == [row["agreement"]["share"] for row in page["rows"]]
        assert {row["figures_at"] for row in table} == {page["figures_at"]}
        return page["figures_at"], [row["agreement"] for row in table]

    def work(n: int, *choices: str) -> None:
        for worker, choice in zip(workers, choices, strict=True):
            for _ in range(n):
                given = worker.next()["id"]
                left = Assignment.objects.get(pk=given).left_is_a == (choice == "a")
                worker.vote(given, "left" if left else "right")

    work(2, "a", "a", "a")
    assert shown() == (None, [1, 1, 1])
    work(3, "a", "a", "a")
    assert shown() == (None, [1, 1, 1])  # the job has not run yet
    aggregation_refresh(campaign=campaign, now=datetime(2026, 1, 1, tzinfo=UTC))
    work(4, "a", "a", "b")
    assert shown() == ("2026-01-01T00:00:00Z", [1, 1, 1])
    for row in operator_api.get(f"{url}/settle/").json()["rows"]:
        assert row["bonus"] == "1.00"
        body = {"enrolments": [row["enrolment_id"]], "verdict": "approve"}
        assert operator_api.post(f"{url}/settle/", body).status_code == 200
    paid = Decision.objects.order_by("enrolment").values_list("enrolment__worker__panel_id", "bonus")
    assert [(name, int(bonus)) for name, bonus in paid] == [("ann", 1), ("ben", 1), ("cleo", 0)]
    aggregation_refresh(campaign=campaign, now=datetime(2026, 1, 2, tzinfo=UTC))
    assert shown() == ("2026-01-02T00:00:00Z", [1, 1, 5 / 9])

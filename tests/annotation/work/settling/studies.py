"""A paid study, and what an operator does on its page for settling."""

from __future__ import annotations

from typing import Any

from rest_framework.test import APIClient

from annotation.models import Campaign

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

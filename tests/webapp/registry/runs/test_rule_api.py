"""Retrain rules over HTTP: what can be retrained, and what is refused by name."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from tests.support.crowd import make_campaign
from webapp.registry.models import RetrainRule

pytestmark = pytest.mark.django_db


def body(**changes: Any) -> dict[str, Any]:
    return {
        "campaign": make_campaign(2).pk,
        "min_new_triplets": 50,
        "system": "sketchfind",
        "profile": "fine-tune",
        "config": {"steps": 60},
        **changes,
    }


def test_a_rule_is_made_changed_and_deleted(operator_api: APIClient) -> None:
    made = operator_api.post("/api/v1/rules/", body()).json()
    assert (made["system"], made["config"], made["enabled"], made["new_triplets"], made["last_run"]) == (
        "sketchfind", {"steps": 60}, True, 0, None,
    )  # fmt: skip
    changed = operator_api.patch(f"/api/v1/rules/{made['id']}/", {"enabled": False}).json()
    assert (changed["enabled"], changed["config"]) == (False, {"steps": 60})
    listed = operator_api.get("/api/v1/rules/").json()
    assert [rule["id"] for rule in listed["rules"]] == [made["id"]]
    assert operator_api.delete(f"/api/v1/rules/{made['id']}/").status_code == 204
    assert not RetrainRule.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"system": "sketchfnd"}, "system"),
        ({"profile": "tpu"}, "profile"),
        ({"profile": "gpu"}, "profile"),
        ({"config": {"stepps": 1}}, "config.stepps"),
        ({"min_new_triplets": 0}, "min_new_triplets"),
        ({"campaign": 999}, "campaign"),
    ],
)
def test_what_cannot_train_is_refused_by_name(
    operator_api: APIClient, wrong: dict[str, Any], field: str
) -> None:
    refused = operator_api.post("/api/v1/rules/", body(**wrong))
    assert (refused.status_code, refused.json()["field"]) == (400, field)
    made = operator_api.post("/api/v1/rules/", body()).json()
    refused = operator_api.patch(f"/api/v1/rules/{made['id']}/", wrong)
    assert (refused.status_code, refused.json()["field"]) == (400, field)


@pytest.mark.parametrize("kind", ["attributes", "sketches"])
def test_campaigns_that_make_no_triplets_are_neither_offered_nor_accepted(
    operator_api: APIClient, kind: str
) -> None:
    campaign = make_campaign(0, kind=kind)
    fitting = make_campaign(1)
    offered = operator_api.get("/api/v1/rules/").json()["campaigns"]
    assert [one["id"] for one in offered] == [fitting.pk]
    refused = operator_api.post("/api/v1/rules/", body(campaign=campaign.pk))
    assert (refused.status_code, refused.json()["field"]) == (400, "campaign")


def test_only_operators_see_them(api: APIClient) -> None:
    assert api.get("/api/v1/rules/").status_code in (401, 403)

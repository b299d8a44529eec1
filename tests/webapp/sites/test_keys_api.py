"""/api/v1/site-keys/: operators create, edit, replace and revoke keys."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from tests.webapp.sites.conftest import SHOP
from webapp.sites.models import SiteKey

URL = "/api/v1/site-keys/"


@pytest.fixture
def made(operator_api: APIClient) -> dict[str, Any]:
    body: dict[str, Any] = operator_api.post(URL, {"name": "Shop", "origins": [SHOP]}).json()
    return body


def test_a_new_key_works_for_its_pages_only(made: dict[str, Any], operator_api: APIClient) -> None:
    assert made["public_key"].startswith("pk_")
    assert (made["secret_prefix"], made["active"], made["created_by"]) == ("", True, "operator")
    assert operator_api.get(URL).json() == [made]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"origins": [SHOP, "shop.example"]}, "origins[1]"),
        ({"origins": ["https://*.example"]}, "origins[0]"),
        ({"origins": "https://shop.example"}, "origins"),
        ({"public_rate": 0}, "public_rate"),
        ({"secret_rate": 10_000_000}, "secret_rate"),
        ({"name": ""}, "name"),
        ({"name": "Other"}, "name"),
    ],
)
def test_bad_input_is_refused_by_field(
    made: dict[str, Any], operator_api: APIClient, change: dict[str, Any], field: str
) -> None:
    operator_api.post(URL, {"name": "Other"})
    refused = operator_api.patch(f"{URL}{made['id']}/", change)
    assert (refused.status_code, refused.json()["field"].removesuffix("[0]")) == (
        400,
        field.removesuffix("[0]"),
    )
    assert operator_api.get(f"{URL}{made['id']}/").json()["origins"] == [SHOP]


def test_a_secret_is_shown_once_and_stored_hashed(made: dict[str, Any], operator_api: APIClient) -> None:
    answer = operator_api.post(f"{URL}{made['id']}/rotate/", {"kind": "secret"})
    secret = answer.json()["secret_key"]
    assert secret.startswith(answer.json()["secret_prefix"])
    assert "no-store" in answer["Cache-Control"]
    assert secret not in str(SiteKey.objects.values().get())
    assert "secret_key" not in operator_api.get(f"{URL}{made['id']}/").json()


def test_a_replaced_key_stops_working(made: dict[str, Any], operator_api: APIClient, api: APIClient) -> None:
    old = operator_api.post(f"{URL}{made['id']}/rotate/", {"kind": "secret"}).json()["secret_key"]
    new = operator_api.post(f"{URL}{made['id']}/rotate/", {"kind": "secret"}).json()["secret_key"]
    statuses = [
        api.get("/api/v1/categories/", headers={"authorization": f"Bearer {key}"}).status_code
        for key in (old, new)
    ]
    assert statuses == [401, 200]
    public = operator_api.post(f"{URL}{made['id']}/rotate/", {"kind": "public"}).json()
    assert public["public_key"] != made["public_key"]
    assert public["secret_key"] == ""
    assert api.get(f"/api/v1/categories/?key={made['public_key']}").status_code == 403
    assert api.get(f"/api/v1/categories/?key={public['public_key']}").status_code == 200


def test_its_use_is_recorded(made: dict[str, Any], operator_api: APIClient, api: APIClient) -> None:
    assert made["used_at"] is None
    api.get(f"/api/v1/categories/?key={made['public_key']}")
    assert operator_api.get(f"{URL}{made['id']}/").json()["used_at"]


def test_others_see_no_keys(made: dict[str, Any], api: APIClient, stranger_api: APIClient) -> None:
    for path in (URL, f"{URL}{made['id']}/"):
        assert (api.get(path).status_code, stranger_api.get(path).status_code) == (401, 403)
    assert stranger_api.post(f"{URL}{made['id']}/rotate/", {"kind": "public"}).status_code == 403

"""GET /api/v1/account/export/, POST /api/v1/account/erase/"""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from rest_framework.test import APIClient

from webapp.accounts import personal_data
from webapp.accounts.models import ApiToken, User

pytestmark = pytest.mark.both_stores


@pytest.fixture
def notes(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """Data about people in another app."""
    held = {"owner": ["likes chairs"], "stranger": ["likes lamps"]}

    def forget(user: User) -> None:
        held.pop(user.username, None)

    monkeypatch.setattr(personal_data, "_holders", {})
    personal_data.personal_data_register(
        "notes",
        export=lambda user: held.get(user.username, []),
        erase=forget,
    )
    return held


def test_export_contains_only_the_users_data(
    owner_api: APIClient, owner: User, stranger: User, notes: Any
) -> None:
    owner.email = "owner@example.org"
    owner.save()
    answer = owner_api.get("/api/v1/account/export/")
    body = answer.json()
    assert body["account"]["email"] == "owner@example.org"
    assert body["notes"] == ["likes chairs"]
    assert [token["name"] for token in body["api_tokens"]] == ["test"]
    assert "lamps" not in answer.content.decode()
    assert "digest" not in answer.content.decode()


def test_erasure_removes_all_personal_data(owner_api: APIClient, owner: User, notes: Any) -> None:
    browser = Client()
    browser.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    assert owner_api.post("/api/v1/account/erase/", {"username": "owner"}).status_code == 204
    owner.refresh_from_db()
    assert (owner.username, owner.email, owner.is_active) == (f"erased-{owner.pk}", "", False)
    assert not owner.has_usable_password()
    assert not ApiToken.objects.filter(user=owner).exists()
    assert not Session.objects.exists()
    assert notes == {"stranger": ["likes lamps"]}
    assert owner_api.get("/api/v1/account/export/").status_code == 401


def test_erasure_requires_the_users_own_name(owner_api: APIClient, stranger: User) -> None:
    refused = owner_api.post("/api/v1/account/erase/", {"username": "stranger"})
    assert refused.status_code == 400
    assert refused.json()["field"] == "username"
    assert User.objects.filter(username="owner", is_active=True).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["export", "erase"])
def test_anonymous_users_are_refused(api: APIClient, address: str) -> None:
    assert (
        getattr(api, "get" if address == "export" else "post")(f"/api/v1/account/{address}/").status_code
        == 401
    )

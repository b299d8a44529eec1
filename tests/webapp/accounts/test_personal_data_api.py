"""GET /api/v1/account/export/, POST /api/v1/account/erase/"""

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from webapp.accounts import personal_data
from webapp.accounts.models import ApiToken, User

pytestmark = pytest.mark.both_stores


@pytest.fixture
def notes(monkeypatch):
    """What another room holds about people."""
    held = {"owner": ["likes chairs"], "stranger": ["likes lamps"]}
    monkeypatch.setattr(personal_data, "_holders", {})
    personal_data.personal_data_register(
        "notes",
        export=lambda user: held.get(user.username, []),
        erase=lambda user: held.pop(user.username, None),
    )
    return held


def test_export_holds_everything_of_the_user_alone(owner_api, owner, stranger, notes):
    owner.email = "owner@example.org"
    owner.save()
    answer = owner_api.get("/api/v1/account/export/")
    body = answer.json()
    assert body["account"]["email"] == "owner@example.org"
    assert body["notes"] == ["likes chairs"]
    assert [token["name"] for token in body["api_tokens"]] == ["test"]
    assert "lamps" not in answer.content.decode()
    assert "digest" not in answer.content.decode()


def test_erasure_leaves_nobody(owner_api, owner, notes):
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


def test_erasure_wants_the_users_own_name(owner_api, stranger):
    refused = owner_api.post("/api/v1/account/erase/", {"username": "stranger"})
    assert refused.status_code == 400
    assert refused.json()["field"] == "username"
    assert User.objects.filter(username="owner", is_active=True).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["export", "erase"])
def test_nobody_is_refused(api, address):
    assert (
        getattr(api, "get" if address == "export" else "post")(f"/api/v1/account/{address}/").status_code
        == 401
    )

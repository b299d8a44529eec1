"""GET, POST /api/v1/tokens/, DELETE /api/v1/tokens/{id}/"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from webapp.accounts.models import ApiToken, User
from webapp.accounts.services import api_token_create, api_token_of

URL = "/api/v1/tokens/"


def test_key_is_shown_once_and_works(api: APIClient, owner_api: APIClient, owner: User) -> None:
    made = owner_api.post(URL, {"name": "nightly"}).json()
    assert made["key"].startswith(made["prefix"])
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {made['key']}")
    listed = api.get(URL).json()
    assert {token["name"] for token in listed} == {"test", "nightly"}
    assert all("key" not in token for token in listed)


def test_database_contains_no_key(owner_api: APIClient) -> None:
    key = owner_api.post(URL, {"name": "nightly"}).json()["key"]
    row = ApiToken.objects.values().get(name="nightly")
    assert key not in str(row)


def test_deleted_token_opens_nothing(api: APIClient, owner: User) -> None:
    token, key = api_token_create(user=owner, name="old")
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {key}")
    assert api.delete(f"{URL}{token.pk}/").status_code == 204
    refused = api.get(URL)
    assert refused.status_code == 401
    assert refused["WWW-Authenticate"] == "Bearer"
    assert refused["Content-Type"] == "application/problem+json"


def test_stranger_cannot_delete_anothers(stranger_api: APIClient, owner: User) -> None:
    token, _ = api_token_create(user=owner, name="mine")
    assert stranger_api.delete(f"{URL}{token.pk}/").status_code == 404
    assert ApiToken.objects.filter(pk=token.pk).exists()


@pytest.mark.django_db
def test_anonymous_users_have_no_tokens(api: APIClient) -> None:
    assert api.get(URL).status_code == 401


def test_expired_token_and_inactive_user(owner: User) -> None:
    now = timezone.now()
    _, expired = api_token_create(user=owner, name="expired", expires_at=now - timedelta(seconds=1))
    _, good = api_token_create(user=owner, name="good")
    assert api_token_of(key=expired, now=now) is None
    assert api_token_of(key=good, now=now) is not None
    owner.is_active = False
    owner.save()
    assert api_token_of(key=good, now=now) is None


def test_use_is_recorded_once_per_minute(
    owner: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    _, key = api_token_create(user=owner, name="busy")
    now = timezone.now()
    with django_assert_num_queries(4):  # two of them for a savepoint: on a full disk the token still works
        api_token_of(key=key, now=now)
    with django_assert_num_queries(1):
        api_token_of(key=key, now=now + timedelta(seconds=30))
    api_token_of(key=key, now=now + timedelta(seconds=61))
    assert ApiToken.objects.get(name="busy").last_used_at == now + timedelta(seconds=61)


def test_second_token_of_a_name_and_past_expiry_are_refused(owner_api: APIClient) -> None:
    assert owner_api.post(URL, {"name": "test"}).json()["field"] == "name"
    past = owner_api.post(URL, {"name": "late", "expires_at": "2001-01-01T00:00:00Z"}).json()
    assert past["field"] == "expires_at"

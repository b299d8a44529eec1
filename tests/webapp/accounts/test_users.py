"""Roles, and database constraints."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from pytest_django import Settings

from webapp.accounts.models import User

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("role", "may"), [("visitor", False), ("worker", False), ("operator", True)])
def test_only_operators_may_enter_the_admin(client: Client, role: str, may: bool) -> None:
    user = User.objects.create_user("someone", "secret", role=role)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    assert (client.get("/admin/").status_code == 200) is may
    assert user.has_perm("catalog.delete_product") is may


def test_an_inactive_operator_has_no_permissions() -> None:
    user = User.objects.create_superuser("someone", "secret", is_active=False)
    assert not user.is_staff
    assert not user.has_perm("catalog.view_product")


def test_unknown_role_is_refused_by_the_database() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create_user("someone", role="king")


def test_many_wrong_passwords_lock_out(client: Client, settings: Settings) -> None:
    User.objects.create_superuser("someone", "secret secret")
    for _ in range(settings.AXES_FAILURE_LIMIT):
        client.post("/admin/login/", {"username": "someone", "password": "guess"})
    refused = client.post("/admin/login/", {"username": "someone", "password": "secret secret"})
    assert refused.status_code == 429
    assert client.get("/admin/").status_code == 302

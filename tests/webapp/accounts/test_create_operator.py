"""Tests of `manage.py create_operator`."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from rest_framework.test import APIClient

from webapp.accounts.models import User

pytestmark = pytest.mark.django_db


def test_new_operator_may_enter_the_admin(client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("create_operator", "kim", password="a long enough one")
    assert (
        client.post(
            "/admin/login/?next=/admin/", {"username": "kim", "password": "a long enough one"}
        ).status_code
        == 302
    )
    assert client.get("/admin/").status_code == 200
    assert "a long enough one" not in capsys.readouterr().out


def test_without_a_terminal_a_password_is_generated_and_printed(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("create_operator", "kim")
    password = capsys.readouterr().out.split()[-1]
    assert User.objects.get(username="kim").check_password(password)


def test_existing_user_becomes_operator(stranger: User) -> None:
    call_command("create_operator", "stranger", password="a long enough one")
    stranger.refresh_from_db()
    assert stranger.is_operator


def test_token_opens_the_api(api: APIClient, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("create_operator", "kim", password="a long enough one", token="ci")
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {capsys.readouterr().out.split()[-1]}")
    assert api.get("/api/v1/catalog/imports/").status_code == 200


@pytest.mark.parametrize(
    ("username", "password"), [("kim", "kim"), ("kim", "password"), ("not a name!", "a long enough one")]
)
def test_weak_password_and_invalid_name_are_refused(username: str, password: str) -> None:
    with pytest.raises(CommandError):
        call_command("create_operator", username, password=password)
    assert not User.objects.exists()

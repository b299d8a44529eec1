"""Tests of /healthz, /readyz and /metrics."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from celery import Celery
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings
from rest_framework.test import APIClient

from webapp.config.environment import config_read
from webapp.probes import health
from webapp.registry.releases import live
from webapp.stores.settings import broker_settings

pytestmark = [pytest.mark.django_db, pytest.mark.both_stores]


class _Int8:
    precision, fallback = "int8", ""


class _Fallback:
    precision, fallback = "fp32", "int8 differs on this processor"


def _fails() -> None:
    raise OSError("secret host refused")


def test_up(client: Client) -> None:
    assert client.get("/healthz").content == b"ok\n"


def test_healthz_does_not_query_the_database(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        client.get("/healthz")


def test_ready_names_each_part(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "current", _Int8)
    answer = client.get("/readyz")
    assert answer.status_code == 200
    parts = {"database": "ok", "broker": "ok", "live_release": "ok", "encoder": "int8"}
    assert answer.json() == {"ready": True, **parts}


def test_an_encoder_in_another_precision_is_reported_with_the_reason(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "current", _Fallback)
    reported = client.get("/readyz").json()
    assert reported["ready"] is True
    assert reported["encoder"] == "fp32 instead of int8"
    assert "differs" in reported["encoder_reason"]


@pytest.mark.parametrize("part", ["database", "broker", "live_release"])
def test_a_failing_part_is_named_without_its_cause(
    client: Client, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    monkeypatch.setattr(live, "current", _Int8)
    monkeypatch.setitem(health._PROBES, part, _fails)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()[part] == "failed"
    assert list(answer.json().values()).count("failed") == 1
    assert "secret" not in answer.content.decode()


@pytest.fixture
def broker_folder(settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder of the file broker that /readyz checks."""
    options = broker_settings(config_read({"SKETCHFIND_DATA_DIR": str(tmp_path)}))
    app = Celery("requested", set_as_current=False)
    monkeypatch.setattr(health, "app", app)
    app.conf.update({name.lower(): value for name, value in options.items()})
    return tmp_path / "broker"


def test_a_deleted_broker_folder_is_created_again(client: Client, broker_folder: Path) -> None:
    shutil.rmtree(broker_folder)
    assert client.get("/readyz").json()["broker"] == "ok"
    assert (broker_folder / "messages").is_dir()


def test_an_unwritable_broker_folder_is_reported(client: Client, broker_folder: Path) -> None:
    shutil.rmtree(broker_folder)
    broker_folder.write_text("in the way")
    assert client.get("/readyz").json()["broker"] == "failed"


def test_without_a_release_a_search_cannot_work(client: Client) -> None:
    assert client.get("/readyz").json()["live_release"] == "failed"


def test_probes_are_answered_over_http_on_a_secure_site(client: Client, settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/healthz").status_code == 200
    assert client.get("/browse/").status_code == 301


def test_metrics_are_for_operators_only(
    client: Client, api: APIClient, stranger_api: APIClient, operator_api: APIClient, operator_client: Client
) -> None:
    assert client.get("/metrics").status_code == 401
    assert stranger_api.get("/metrics").status_code == 401
    assert api.get("/metrics", headers={"authorization": "Bearer no"}).status_code == 401
    assert operator_client.get("/metrics").status_code == 200
    assert b"django_http_requests" in operator_api.get("/metrics").content

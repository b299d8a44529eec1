"""/api/v1/catalog/feeds/, and the jobs behind it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

import pytest
from django.conf import settings as site
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings
from rest_framework.test import APIClient

from tests.support import picture_server as serve
from tests.support.picture_server import PictureServer
from webapp.catalog import jobs
from webapp.catalog.feeds import turns
from webapp.catalog.models import CatalogImport, Product, RemoteFeed
from webapp.celery import app

URL = "/api/v1/catalog/feeds/"
FEED = b"sku,name,category,photo\nA1,Stool,Stools,http://localhost/1.png\n"
SHOP = {"name": "Shop", "url": "https://shop.example/products.csv", "every_h": 6}


@pytest.fixture
def server(settings: Settings) -> Iterator[PictureServer]:
    settings.PRIVATE_PICTURE_HOSTS = ("localhost",)
    with serve.picture_server() as running:
        running.answers["/feed.csv"] = serve.image(FEED, "text/csv", etag='"1"')
        yield running


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The feeds for which a worker was woken."""
    ids: list[int] = []
    monkeypatch.setattr(jobs.feed_fetch_job, "delay", ids.append)
    return ids


def test_a_feed_is_created_fetched_and_listed(
    operator_api: APIClient,
    fetched: list[int],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        created = operator_api.post(URL, {**SHOP, "user": "me", "password": "secret", "complete": True})
    assert created.status_code == 201
    row = created.json()
    assert {key: row[key] for key in ("name", "url", "user", "every_h", "complete", "active")} == {
        "name": "Shop",
        "url": "https://shop.example/products.csv",
        "user": "me",
        "every_h": 6,
        "complete": True,
        "active": True,
    }
    assert (row["status"], row["outcome"], row["last_import"], row["has_password"]) == (
        "queued",
        "none",
        None,
        True,
    )
    assert "password" not in row
    assert fetched == [row["id"]]
    assert operator_api.get(URL).json() == [row]
    assert operator_api.get(f"{URL}{row['id']}/").json() == row


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"url": "ftp://shop.example/products.csv"}, "url"),
        ({"url": "https://me:secret@shop.example/products.csv"}, "url"),
        ({"url": ""}, "url"),
        ({"every_h": 2}, "every_h"),
        ({"name": ""}, "name"),
        ({"user": "a:b"}, "user"),
    ],
)
def test_wrong_values_are_named(operator_api: APIClient, values: dict[str, Any], field: str) -> None:
    refused = operator_api.post(URL, {**SHOP, **values})
    assert refused.status_code == 400
    assert refused.json()["field"] == field
    assert not RemoteFeed.objects.exists()


def test_two_feeds_cannot_have_one_name(operator_api: APIClient, fetched: list[int]) -> None:
    assert operator_api.post(URL, SHOP).status_code == 201
    assert operator_api.post(URL, SHOP).json()["field"] == "name"


def test_a_feed_is_changed_paused_and_deleted(operator_api: APIClient, fetched: list[int]) -> None:
    path = f"{URL}{operator_api.post(URL, {**SHOP, 'user': 'me', 'password': 'old'}).json()['id']}/"
    changed = operator_api.patch(path, {"name": "Our shop", "active": False}).json()
    assert (changed["name"], changed["active"], changed["due_at"]) == ("Our shop", False, None)
    assert RemoteFeed.objects.get().password == "old"
    assert operator_api.patch(path, {"active": True}).json()["due_at"] is not None
    assert operator_api.patch(path, {"password": ""}).json()["has_password"] is False
    assert operator_api.delete(path).status_code == 204
    assert operator_api.get(path).status_code == 404


def test_operators_only(
    api: APIClient, stranger_api: APIClient, operator_api: APIClient, fetched: list[int]
) -> None:
    path = f"{URL}{operator_api.post(URL, SHOP).json()['id']}/"
    for client in (api, stranger_api):
        for answer in (
            client.get(URL),
            client.post(URL, SHOP),
            client.get(path),
            client.patch(path, {"active": False}),
            client.delete(path),
            client.post(f"{path}fetch/"),
        ):
            assert answer.status_code in {401, 403}
    assert RemoteFeed.objects.get().active


def test_fetch_now_runs_through_the_jobs(
    operator_api: APIClient,
    server: PictureServer,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    monkeypatch.setattr(turns, "Heartbeat", lambda beat: nullcontext())  # which sees no uncommitted rows
    monkeypatch.setattr(jobs.feed_fetch_job, "delay", jobs.feed_fetch_job)
    monkeypatch.setattr(jobs.catalog_import_job, "delay", jobs.catalog_import_job)
    with django_capture_on_commit_callbacks(execute=True):
        made = operator_api.post(URL, {**SHOP, "url": server.url("/feed.csv")}).json()
    feed = operator_api.get(f"{URL}{made['id']}/").json()
    assert (feed["status"], feed["outcome"], feed["last_import"]["status"]) == ("held", "columns", "draft")
    assert feed["last_import"]["remote_feed"] == "Shop"
    imported = f"/api/v1/catalog/imports/{feed['last_import']['id']}/"
    assert operator_api.get(f"{imported}mapping/").json()["kept"] is False
    assert operator_api.put(f"{imported}mapping/", {"columns": {"photo": "images"}}).json()["kept"] is True
    with django_capture_on_commit_callbacks(execute=True):
        assert operator_api.post(f"{imported}start/", {}).status_code == 202
    assert operator_api.get(f"{URL}{made['id']}/").json()["outcome"] == "imported"
    assert Product.objects.get().sku == "A1"
    server.answers["/feed.csv"] = serve.image(FEED + FEED.splitlines()[1].replace(b"A1", b"A2"), "text/csv")
    with django_capture_on_commit_callbacks(execute=True):
        assert operator_api.post(f"{URL}{made['id']}/fetch/").status_code == 202
    while CatalogImport.objects.filter(status="queued").exists():  # wakes of wakes are not captured
        jobs.catalog_import_job(str(CatalogImport.objects.get(status="queued").pk))
    feed = operator_api.get(f"{URL}{made['id']}/").json()
    assert (feed["outcome"], feed["last_import"]["created"]) == ("imported", 1)
    RemoteFeed.objects.update(status="running")
    assert operator_api.post(f"{URL}{made['id']}/fetch/").status_code == 409


def test_beat_wakes_a_worker_for_every_feed_that_is_due(
    operator_api: APIClient, fetched: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[list[int]] = []
    monkeypatch.setattr(jobs.feed_fetch_job, "apply_async", lambda args, expires: sent.append(args))
    made = operator_api.post(URL, SHOP).json()
    operator_api.post(URL, {**SHOP, "name": "Paused", "active": False})
    app.tasks[site.CELERY_BEAT_SCHEDULE["catalog-feeds-reap"]["task"]]()
    assert sent == [[made["id"]]]

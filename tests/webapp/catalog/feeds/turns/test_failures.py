"""Half feeds, broken feeds, servers that fail, and workers that are gone."""

from __future__ import annotations

import gzip
import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from tests.support import picture_server as serve
from tests.support.picture_server import PictureServer
from tests.webapp.catalog.feeds.turns.feeds import (
    HEADER,
    PATH,
    Outcome,
    Status,
    confirm,
    make_feed,
    newest,
    on_sale,
    products_csv,
    wait,
    work,
)
from webapp.catalog.feeds import downloads, turns
from webapp.catalog.feeds.services import feed_ask, feed_update
from webapp.catalog.feeds.settling import feed_settle, feeds_orphaned_release, imports_unsettled
from webapp.catalog.feeds.turns import feed_fetch, feeds_due
from webapp.catalog.models import CatalogImport, Product, RemoteFeed
from webapp.catalog.services import catalog_import_run

pytestmark = pytest.mark.django_db


def test_half_a_feed_waits_and_writes_nothing(server: PictureServer) -> None:
    feed = confirm(work(make_feed(server, complete=True)))
    half = f"{HEADER}\n" + "".join(f"A{i},Renamed {i},Stools,http://localhost/{i}.png\n" for i in range(5))
    server.answers[PATH] = serve.image(half.encode(), "text/csv", etag='"half"')
    feed = work(feed, now=True)
    assert (feed.status, feed.outcome, feed.due_at) == (Status.HELD, Outcome.WITHDRAWAL, None)
    row = newest(feed)
    assert (row.status, row.dry_run, row.withdrawn, row.can_start) == ("done", True, 5, True)
    assert on_sale() == 10
    assert not Product.objects.filter(name__startswith="Renamed").exists()
    feed = confirm(feed, confirmed=5)
    assert (feed.status, feed.outcome, on_sale()) == (Status.QUEUED, Outcome.IMPORTED, 5)


def test_a_held_feed_can_be_fetched_again_instead(server: PictureServer) -> None:
    feed = confirm(work(make_feed(server, complete=True)))
    server.answers[PATH] = products_csv(5, etag='"5"')
    feed = work(feed, now=True)
    assert feed.status == Status.HELD
    server.answers[PATH] = products_csv(11, etag='"11"')
    feed = work(feed, now=True)
    assert (feed.outcome, on_sale()) == (Outcome.IMPORTED, 11)
    assert not any(row.feed for row in feed.imports.all())


def test_a_broken_feed_writes_nothing(server: PictureServer) -> None:
    rows = ",".join(
        json.dumps({"sku": f"A{i}", "name": "Stool", "category": "Stools", "photo": "http://localhost/1.png"})
        for i in range(200)
    )
    server.answers["/feed.json"] = serve.image(f"[{rows}]".encode(), "application/json")
    feed = confirm(work(make_feed(server, "/feed.json")))
    Product.objects.all().delete()
    server.answers["/feed.json"] = serve.image(f"[{rows}".encode(), "application/json")
    feed = work(feed, now=True)
    assert (feed.status, feed.outcome, feed.failures) == (Status.QUEUED, Outcome.FAILED, 1)
    assert "array is not closed" in feed.error_text
    assert not Product.objects.exists()


@pytest.mark.parametrize(
    ("answer", "why", "minutes"),
    [
        (serve.silent, "too slow", 5),
        (serve.trickle, "too slow", 5),
        (serve.cut_off, "localhost", 5),
        (serve.status(503), "answers 503", 5),
        (serve.status(503, retry_after="7200"), "answers 503", 120),
        (serve.status(404), "answers 404", 360),
        (serve.endless, "more than 100000 bytes", 360),
        (serve.image(bytes(200_000), "text/csv"), "200000 bytes, at most 100000", 360),
        (serve.redirect("http://127.0.0.1/feed.csv"), "no public address", 360),
        (serve.redirect("http://169.254.169.254/"), "no public address", 360),
        (serve.image(b"<!DOCTYPE html><title>Sign in</title>", "text/html"), "web page", 360),
        (serve.image(gzip.compress(b"sku\n1\n")[:-4], "application/gzip"), "compressed, and broken", 360),
        (serve.image(gzip.compress(bytes(1_000_000)), "application/gzip"), "more than 0.1 MB", 360),
        (serve.image(b"colour\nred\n", "text/csv"), "no column 'sku'", 360),
    ],
)
def test_failures_are_shown_and_back_off(
    server: PictureServer,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    answer: serve.Answer,
    why: str,
    minutes: int,
) -> None:
    settings.REMOTE_FEED_MAX_BYTES = 100_000
    monkeypatch.setattr(downloads, "TOTAL_S", 1.0)
    monkeypatch.setattr(downloads, "IDLE_S", 0.4)
    server.answers[PATH] = answer
    feed = work(make_feed(server))
    first = timedelta(minutes=minutes)
    if why == "no column 'sku'":  # which the columns' page says
        assert feed.status == Status.HELD
        return
    assert (feed.status, feed.outcome, feed.failures) == (Status.QUEUED, Outcome.FAILED, 1)
    assert why in feed.error_text
    assert first <= wait(feed) <= first + timedelta(seconds=5)
    RemoteFeed.objects.update(due_at=timezone.now())
    feed = work(feed)
    assert feed.failures == 2
    assert wait(feed) >= min(first * 2, timedelta(hours=2))
    server.answers[PATH] = products_csv(3)
    assert work(feed, now=True).error == ""


def test_an_interrupted_fetch_is_done_again(server: PictureServer) -> None:
    feed = make_feed(server)
    gone = timezone.now() - turns.LEASE - timedelta(seconds=1)
    RemoteFeed.objects.update(status=Status.RUNNING, attempts=1, heartbeat_at=gone)
    assert feeds_due(now=timezone.now()) == [feed.pk]
    assert work(feed).status == Status.HELD
    RemoteFeed.objects.update(status=Status.RUNNING, heartbeat_at=timezone.now(), due_at=timezone.now())
    assert feeds_due(now=timezone.now()) == []
    assert feed_fetch(feed_id=feed.pk) is None
    assert server.count(PATH) == 1


def test_a_worker_that_lost_its_feed_changes_nothing(
    server: PictureServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = make_feed(server)

    def meanwhile(row: RemoteFeed, file: Any) -> Any:
        received = downloads.feed_download(row, file)
        feed_update(RemoteFeed.objects.get(pk=row.pk), url=server.url("/other.csv"))
        return received

    monkeypatch.setattr(turns, "feed_download", meanwhile)
    assert feed_fetch(feed_id=feed.pk) is None
    feed.refresh_from_db()
    assert (feed.status, feed.outcome) == (Status.QUEUED, Outcome.NONE)
    assert not CatalogImport.objects.exists()
    assert feeds_due(now=timezone.now()) == [feed.pk]


def test_an_import_whose_worker_was_gone_is_settled_by_the_next_beat(server: PictureServer) -> None:
    feed = confirm(work(make_feed(server)))
    server.answers[PATH] = products_csv(11)
    assert feed_ask(feed)
    row = feed_fetch(feed_id=feed.pk)
    assert row is not None
    catalog_import_run(import_id=row.pk)  # and the worker is killed
    assert imports_unsettled() == [row.pk]
    assert feed_settle(import_id=row.pk) == row
    assert imports_unsettled() == []
    catalog_import_run(import_id=row.pk)
    assert imports_unsettled() == [row.pk]
    assert feed_settle(import_id=row.pk) is None
    feed.refresh_from_db()
    assert (feed.outcome, imports_unsettled()) == (Outcome.IMPORTED, [])


def test_a_feed_whose_import_was_deleted_is_fetched_again(server: PictureServer) -> None:
    feed = confirm(work(make_feed(server)))
    assert feed_ask(feed)
    feed_fetch(feed_id=feed.pk)
    feed.imports.all().delete()
    feeds_orphaned_release(now=timezone.now())
    assert feeds_due(now=timezone.now()) == [feed.pk]

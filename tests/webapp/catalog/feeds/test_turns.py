"""Feeds by address, fetched from a real server and imported, as a worker does it."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from tests.factories import UserFactory
from tests.support import picture_server as serve
from tests.support.picture_server import PictureServer
from webapp.catalog.feeds import downloads, turns
from webapp.catalog.feeds.services import feed_ask, feed_create, feed_update
from webapp.catalog.feeds.settling import feed_settle, feeds_orphaned_release, imports_unsettled
from webapp.catalog.feeds.turns import feed_fetch, feeds_due
from webapp.catalog.mappings import mapping_keep
from webapp.catalog.models import CatalogImport, Product, RemoteFeed
from webapp.catalog.services import catalog_import_run, catalog_import_start

pytestmark = pytest.mark.django_db
Status, Outcome = RemoteFeed.Status, RemoteFeed.Outcome
PATH = "/feed.csv"
HEADER = "sku,name,category,photo"


@pytest.fixture
def server(settings: Settings) -> Iterator[PictureServer]:
    settings.PRIVATE_PICTURE_HOSTS = ("localhost",)
    with serve.picture_server() as running:
        running.answers[PATH] = _csv(10, etag='"10"')
        yield running


@pytest.fixture(autouse=True)
def _no_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "Heartbeat", lambda beat: nullcontext())  # which sees no uncommitted rows


def _csv(n: int, header: str = HEADER, more: str = "", **headers: str) -> serve.Answer:
    """A feed of n products."""
    lines = [f"A{i},Stool {i},Stools,http://localhost/{i}.png{more}" for i in range(n)]
    return serve.image("\n".join([header, *lines, ""]).encode(), "text/csv", **headers)


def _feed(server: PictureServer, path: str = PATH, **values: Any) -> RemoteFeed:
    by = UserFactory()
    return feed_create(by=by, **{"name": "Shop", "url": server.url(path), "every_h": 6, **values})


def _work(feed: RemoteFeed, *, now: bool = False) -> RemoteFeed:
    """Do what workers have to do; `now`: fetch before the feed is due."""
    if now:
        assert feed_ask(feed)
    for feed_id in feeds_due(now=timezone.now()):
        feed_fetch(feed_id=feed_id)
    while (row := CatalogImport.objects.filter(status=CatalogImport.Status.QUEUED).first()) is not None:
        catalog_import_run(import_id=row.pk)
        feed_settle(import_id=row.pk)
    feed.refresh_from_db()
    return feed


def _confirm(feed: RemoteFeed, confirmed: int | None = None) -> RemoteFeed:
    """Confirm the columns of the newest import and import it, as an operator does on its page."""
    row = _newest(feed)
    mapping_keep(row=row, given={"columns": {}}, by=UserFactory())
    assert catalog_import_start(import_id=row.pk, dry_run=False, complete=row.complete, confirmed=confirmed)
    return _work(feed)


def _newest(feed: RemoteFeed) -> CatalogImport:
    row = feed.imports.order_by("-created_at").first()
    assert row is not None
    return row


def _wait(feed: RemoteFeed) -> timedelta:
    """Return the time between the last fetch and the next."""
    assert feed.due_at is not None
    assert feed.fetched_at is not None
    return feed.due_at - feed.fetched_at


def _on_sale() -> int:
    return Product.objects.filter(active=True).count()


def test_the_first_fetch_waits_until_its_columns_are_confirmed(server: PictureServer) -> None:
    feed = _work(_feed(server))
    assert (feed.status, feed.outcome, feed.due_at) == (Status.HELD, Outcome.COLUMNS, None)
    row = _newest(feed)
    assert (row.status, row.feed_name, row.created_by) == ("draft", "feed.csv", feed.created_by)
    assert not Product.objects.exists()
    feed = _confirm(feed)
    assert (feed.status, feed.outcome, feed.failures) == (Status.QUEUED, Outcome.IMPORTED, 0)
    assert feed.mapping["columns"]["photo"] == "images"
    assert feed.due_at is not None
    assert feed.due_at > timezone.now() + timedelta(hours=5)
    assert _newest(feed).created == _on_sale() == 10
    assert feeds_due(now=timezone.now()) == []


def test_the_next_fetch_is_imported_by_itself_and_reported_like_an_upload(server: PictureServer) -> None:
    feed = _confirm(_work(_feed(server)))
    server.answers[PATH] = _csv(12, etag='"12"')
    feed = _work(feed, now=True)
    assert (feed.status, feed.outcome) == (Status.QUEUED, Outcome.IMPORTED)
    row = _newest(feed)
    assert (row.status, row.dry_run, row.created, row.unchanged) == ("done", False, 2, 10)
    assert not row.feed
    assert feed.imports.count() == 2


def test_an_unchanged_feed_is_not_imported(server: PictureServer) -> None:
    feed = _confirm(_work(_feed(server)))
    feed = _work(feed, now=True)  # the confirmed one is not known by its validators
    feed = _work(feed, now=True)
    assert feed.outcome == Outcome.UNCHANGED
    assert feed.imports.count() == 2
    assert feed.due_at is not None
    assert feed.due_at > timezone.now() + timedelta(hours=5)
    assert server.seen[-1][1]["if-none-match"] == '"10"'


def test_a_feed_is_asked_for_anew_after_its_address_or_purpose_has_changed(server: PictureServer) -> None:
    feed = _work(_confirm(_work(_feed(server))), now=True)
    feed_update(feed, complete=True)
    feed = _work(feed, now=True)
    assert "if-none-match" not in server.seen[-1][1]
    feed_update(feed, url=server.url(PATH + "?page=1"))
    assert feeds_due(now=timezone.now()) == [feed.pk]


@pytest.mark.parametrize(
    ("header", "more", "why"),
    [
        (f"{HEADER},colour", ",red", "new columns: colour"),
        ("sku,name,category,image", "", "new columns: image; missing columns: photo"),
    ],
)
def test_a_feed_with_other_columns_waits_and_writes_nothing(
    server: PictureServer, header: str, more: str, why: str
) -> None:
    feed = _confirm(_work(_feed(server)))
    server.answers[PATH] = _csv(12, header, more, etag='"12"')
    feed = _work(feed, now=True)
    assert (feed.status, feed.outcome, feed.error_text) == (Status.HELD, Outcome.COLUMNS, why)
    assert _on_sale() == 10
    assert feeds_due(now=timezone.now() + timedelta(days=9)) == []
    feed = _confirm(feed)
    assert (feed.outcome, feed.error, _on_sale()) == (Outcome.IMPORTED, "", 12)
    server.answers[PATH] = _csv(13, header, more, etag='"13"')
    assert _work(feed, now=True).outcome == Outcome.IMPORTED


def test_confirmed_columns_are_proposed_for_the_changed_ones(server: PictureServer) -> None:
    feed = _confirm(_work(_feed(server)))
    RemoteFeed.objects.update(mapping={**feed.mapping, "constants": {"currency": "EUR"}})
    server.answers[PATH] = _csv(12, f"{HEADER},price", ",5")
    feed = _work(feed, now=True)
    assert _newest(feed).mapping["constants"] == {"currency": "EUR"}


def test_the_order_of_columns_does_not_count(server: PictureServer) -> None:
    feed = _confirm(_work(_feed(server)))
    lines = b"name,sku,category,photo\nStool,B1,Stools,http://localhost/1.png\n"
    server.answers[PATH] = serve.image(lines, "text/csv")
    assert _work(feed, now=True).outcome == Outcome.IMPORTED


def test_a_field_that_some_records_leave_out_is_no_other_column(server: PictureServer) -> None:
    def products(*records: dict[str, str]) -> serve.Answer:
        whole = [
            {
                "sku": f"A{i}",
                "name": "Stool",
                "category": "Stools",
                "photo": f"http://localhost/{i}.png",
                **one,
            }
            for i, one in enumerate(records)
        ]
        return serve.image(json.dumps(whole).encode(), "application/json")

    server.answers["/feed"] = products({"brand": "Ours"})
    feed = _confirm(_work(_feed(server, "/feed")))
    server.answers["/feed"] = products({}, {})
    assert _work(feed, now=True).outcome == Outcome.IMPORTED
    server.answers["/feed"] = products({"colour": "red"})
    feed = _work(feed, now=True)
    assert (feed.outcome, feed.error_text) == (Outcome.COLUMNS, "new columns: colour")
    feed = _confirm(feed)
    server.answers["/feed"] = products({"brand": "Ours"}, {"colour": "red"})
    assert _work(feed, now=True).outcome == Outcome.IMPORTED


def test_half_a_feed_waits_and_writes_nothing(server: PictureServer) -> None:
    feed = _confirm(_work(_feed(server, complete=True)))
    half = f"{HEADER}\n" + "".join(f"A{i},Renamed {i},Stools,http://localhost/{i}.png\n" for i in range(5))
    server.answers[PATH] = serve.image(half.encode(), "text/csv", etag='"half"')
    feed = _work(feed, now=True)
    assert (feed.status, feed.outcome, feed.due_at) == (Status.HELD, Outcome.WITHDRAWAL, None)
    row = _newest(feed)
    assert (row.status, row.dry_run, row.withdrawn, row.can_start) == ("done", True, 5, True)
    assert _on_sale() == 10
    assert not Product.objects.filter(name__startswith="Renamed").exists()
    feed = _confirm(feed, confirmed=5)
    assert (feed.status, feed.outcome, _on_sale()) == (Status.QUEUED, Outcome.IMPORTED, 5)


def test_a_held_feed_can_be_fetched_again_instead(server: PictureServer) -> None:
    feed = _confirm(_work(_feed(server, complete=True)))
    server.answers[PATH] = _csv(5, etag='"5"')
    feed = _work(feed, now=True)
    assert feed.status == Status.HELD
    server.answers[PATH] = _csv(11, etag='"11"')
    feed = _work(feed, now=True)
    assert (feed.outcome, _on_sale()) == (Outcome.IMPORTED, 11)
    assert not any(row.feed for row in feed.imports.all())


def test_a_few_missing_products_are_taken_off_sale(server: PictureServer) -> None:
    feed = _confirm(_work(_feed(server, complete=True)))
    server.answers[PATH] = _csv(9)
    feed = _work(feed, now=True)
    assert (feed.outcome, _newest(feed).withdrawn, _on_sale()) == (Outcome.IMPORTED, 1, 9)


def test_a_broken_feed_writes_nothing(server: PictureServer) -> None:
    rows = ",".join(
        json.dumps({"sku": f"A{i}", "name": "Stool", "category": "Stools", "photo": "http://localhost/1.png"})
        for i in range(200)
    )
    server.answers["/feed.json"] = serve.image(f"[{rows}]".encode(), "application/json")
    feed = _confirm(_work(_feed(server, "/feed.json")))
    Product.objects.all().delete()
    server.answers["/feed.json"] = serve.image(f"[{rows}".encode(), "application/json")
    feed = _work(feed, now=True)
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
    feed = _work(_feed(server))
    first = timedelta(minutes=minutes)
    if why == "no column 'sku'":  # which the columns' page says
        assert feed.status == Status.HELD
        return
    assert (feed.status, feed.outcome, feed.failures) == (Status.QUEUED, Outcome.FAILED, 1)
    assert why in feed.error_text
    assert first <= _wait(feed) <= first + timedelta(seconds=5)
    RemoteFeed.objects.update(due_at=timezone.now())
    feed = _work(feed)
    assert feed.failures == 2
    assert _wait(feed) >= min(first * 2, timedelta(hours=2))
    server.answers[PATH] = _csv(3)
    assert _work(feed, now=True).error == ""


def test_a_compressed_feed_is_imported(server: PictureServer) -> None:
    plain = "\n".join([HEADER, *(f"A{i},Stool {i},Stools,http://localhost/{i}.png" for i in range(10))])
    server.answers[PATH] = serve.image(gzip.compress(plain.encode()), "application/gzip")
    feed = _confirm(_work(_feed(server)))
    assert (feed.error, feed.outcome, _newest(feed).created) == ("", Outcome.IMPORTED, 10)


def test_an_interrupted_fetch_is_done_again(server: PictureServer) -> None:
    feed = _feed(server)
    gone = timezone.now() - turns.LEASE - timedelta(seconds=1)
    RemoteFeed.objects.update(status=Status.RUNNING, attempts=1, heartbeat_at=gone)
    assert feeds_due(now=timezone.now()) == [feed.pk]
    assert _work(feed).status == Status.HELD
    RemoteFeed.objects.update(status=Status.RUNNING, heartbeat_at=timezone.now(), due_at=timezone.now())
    assert feeds_due(now=timezone.now()) == []
    assert feed_fetch(feed_id=feed.pk) is None
    assert server.count(PATH) == 1


def test_a_worker_that_lost_its_feed_changes_nothing(
    server: PictureServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = _feed(server)

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
    feed = _confirm(_work(_feed(server)))
    server.answers[PATH] = _csv(11)
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
    feed = _confirm(_work(_feed(server)))
    assert feed_ask(feed)
    feed_fetch(feed_id=feed.pk)
    feed.imports.all().delete()
    feeds_orphaned_release(now=timezone.now())
    assert feeds_due(now=timezone.now()) == [feed.pk]


def test_a_paused_feed_is_fetched_only_on_request(server: PictureServer) -> None:
    feed = _feed(server, active=False)
    assert feeds_due(now=timezone.now() + timedelta(days=9)) == []
    feed = _confirm(_work(feed, now=True))
    assert (feed.outcome, feed.due_at) == (Outcome.IMPORTED, None)
    feed_update(feed, active=True)
    assert feed.due_at is not None
    assert feed.due_at > timezone.now()
    feed_update(feed, active=False)
    assert feed.due_at is None


def test_a_login_is_sent_to_its_server_only(server: PictureServer, settings: Settings) -> None:
    feed = _work(_feed(server, user="shop", password="ä secret"))
    assert feed.status == Status.HELD
    assert server.seen[-1][1]["authorization"] == "Basic c2hvcDrDpCBzZWNyZXQ="
    with serve.picture_server() as other:
        other.answers["/feed.csv"] = _csv(1)
        server.answers[PATH] = serve.redirect(other.url("/feed.csv"))
        _work(feed, now=True)
        assert "authorization" not in other.seen[-1][1]


def test_only_the_newest_imports_of_a_feed_are_kept(
    server: PictureServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "KEPT_IMPORTS", 3)
    feed = _confirm(_work(_feed(server)))
    for n in range(11, 15):
        server.answers[PATH] = _csv(n)
        feed = _work(feed, now=True)
    assert [row.created for row in feed.imports.order_by("created_at")] == [1, 1, 1]


@pytest.mark.django_db(transaction=True)
def test_two_beats_fetch_a_feed_once(server: PictureServer) -> None:
    feed = _feed(server)
    barrier = threading.Barrier(4)

    def fetch(_: int) -> None:
        barrier.wait()
        try:
            feed_fetch(feed_id=feed.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(fetch, range(4)))
    assert server.count(PATH) == 1
    assert feed.imports.count() == 1

"""Feeds by address, fetched from a real server and imported, as a worker does it."""

from __future__ import annotations

import gzip
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
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
    work,
)
from webapp.catalog.feeds import turns
from webapp.catalog.feeds.services import feed_update
from webapp.catalog.feeds.turns import feed_fetch, feeds_due

pytestmark = pytest.mark.django_db


def test_the_next_fetch_is_imported_by_itself_and_reported_like_an_upload(server: PictureServer) -> None:
    feed = confirm(work(make_feed(server)))
    server.answers[PATH] = products_csv(12, etag='"12"')
    feed = work(feed, now=True)
    assert (feed.status, feed.outcome) == (Status.QUEUED, Outcome.IMPORTED)
    row = newest(feed)
    assert (row.status, row.dry_run, row.created, row.unchanged) == ("done", False, 2, 10)
    assert not row.feed
    assert feed.imports.count() == 2


def test_an_unchanged_feed_is_not_imported(server: PictureServer) -> None:
    feed = confirm(work(make_feed(server)))
    feed = work(feed, now=True)  # the confirmed one is not known by its validators
    feed = work(feed, now=True)
    assert feed.outcome == Outcome.UNCHANGED
    assert feed.imports.count() == 2
    assert feed.due_at is not None
    assert feed.due_at > timezone.now() + timedelta(hours=5)
    assert server.seen[-1][1]["if-none-match"] == '"10"'


def test_a_feed_is_asked_for_anew_after_its_address_or_purpose_has_changed(server: PictureServer) -> None:
    feed = work(confirm(work(make_feed(server))), now=True)
    feed_update(feed, complete=True)
    feed = work(feed, now=True)
    assert "if-none-match" not in server.seen[-1][1]
    feed_update(feed, url=server.url(PATH + "?page=1"))
    assert feeds_due(now=timezone.now()) == [feed.pk]


def test_a_few_missing_products_are_taken_off_sale(server: PictureServer) -> None:
    feed = confirm(work(make_feed(server, complete=True)))
    server.answers[PATH] = products_csv(9)
    feed = work(feed, now=True)
    assert (feed.outcome, newest(feed).withdrawn, on_sale()) == (Outcome.IMPORTED, 1, 9)


def test_a_compressed_feed_is_imported(server: PictureServer) -> None:
    plain = "\n".join([HEADER, *(f"A{i},Stool {i},Stools,http://localhost/{i}.png" for i in range(10))])
    server.answers[PATH] = serve.image(gzip.compress(plain.encode()), "application/gzip")
    feed = confirm(work(make_feed(server)))
    assert (feed.error, feed.outcome, newest(feed).created) == ("", Outcome.IMPORTED, 10)


def test_a_paused_feed_is_fetched_only_on_request(server: PictureServer) -> None:
    feed = make_feed(server, active=False)
    assert feeds_due(now=timezone.now() + timedelta(days=9)) == []
    feed = confirm(work(feed, now=True))
    assert (feed.outcome, feed.due_at) == (Outcome.IMPORTED, None)
    feed_update(feed, active=True)
    assert feed.due_at is not None
    assert feed.due_at > timezone.now()
    feed_update(feed, active=False)
    assert feed.due_at is None


def test_a_login_is_sent_to_its_server_only(server: PictureServer, settings: Settings) -> None:
    feed = work(make_feed(server, user="shop", password="ä secret"))
    assert feed.status == Status.HELD
    assert server.seen[-1][1]["authorization"] == "Basic c2hvcDrDpCBzZWNyZXQ="
    with serve.picture_server() as other:
        other.answers["/feed.csv"] = products_csv(1)
        server.answers[PATH] = serve.redirect(other.url("/feed.csv"))
        work(feed, now=True)
        assert "authorization" not in other.seen[-1][1]


def test_only_the_newest_imports_of_a_feed_are_kept(
    server: PictureServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "KEPT_IMPORTS", 3)
    feed = confirm(work(make_feed(server)))
    for n in range(11, 15):
        server.answers[PATH] = products_csv(n)
        feed = work(feed, now=True)
    assert [row.created for row in feed.imports.order_by("created_at")] == [1, 1, 1]


@pytest.mark.django_db(transaction=True)
def test_two_beats_fetch_a_feed_once(server: PictureServer) -> None:
    feed = make_feed(server)
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

"""Columns are confirmed once; a feed with other columns waits."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.utils import timezone

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
from webapp.catalog.feeds.turns import feeds_due
from webapp.catalog.models import Product, RemoteFeed

pytestmark = pytest.mark.django_db


def test_the_first_fetch_waits_until_its_columns_are_confirmed(server: PictureServer) -> None:
    feed = work(make_feed(server))
    assert (feed.status, feed.outcome, feed.due_at) == (Status.HELD, Outcome.COLUMNS, None)
    row = newest(feed)
    assert (row.status, row.feed_name, row.created_by) == ("draft", "feed.csv", feed.created_by)
    assert not Product.objects.exists()
    feed = confirm(feed)
    assert (feed.status, feed.outcome, feed.failures) == (Status.QUEUED, Outcome.IMPORTED, 0)
    assert feed.mapping["columns"]["photo"] == "images"
    assert feed.due_at is not None
    assert feed.due_at > timezone.now() + timedelta(hours=5)
    assert newest(feed).created == on_sale() == 10
    assert feeds_due(now=timezone.now()) == []


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
    feed = confirm(work(make_feed(server)))
    server.answers[PATH] = products_csv(12, header, more, etag='"12"')
    feed = work(feed, now=True)
    assert (feed.status, feed.outcome, feed.error_text) == (Status.HELD, Outcome.COLUMNS, why)
    assert on_sale() == 10
    assert feeds_due(now=timezone.now() + timedelta(days=9)) == []
    feed = confirm(feed)
    assert (feed.outcome, feed.error, on_sale()) == (Outcome.IMPORTED, "", 12)
    server.answers[PATH] = products_csv(13, header, more, etag='"13"')
    assert work(feed, now=True).outcome == Outcome.IMPORTED


def test_confirmed_columns_are_proposed_for_the_changed_ones(server: PictureServer) -> None:
    feed = confirm(work(make_feed(server)))
    RemoteFeed.objects.update(mapping={**feed.mapping, "constants": {"currency": "EUR"}})
    server.answers[PATH] = products_csv(12, f"{HEADER},price", ",5")
    feed = work(feed, now=True)
    assert newest(feed).mapping["constants"] == {"currency": "EUR"}


def test_the_order_of_columns_does_not_count(server: PictureServer) -> None:
    feed = confirm(work(make_feed(server)))
    lines = b"name,sku,category,photo\nStool,B1,Stools,http://localhost/1.png\n"
    server.answers[PATH] = serve.image(lines, "text/csv")
    assert work(feed, now=True).outcome == Outcome.IMPORTED


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
    feed = confirm(work(make_feed(server, "/feed")))
    server.answers["/feed"] = products({}, {})
    assert work(feed, now=True).outcome == Outcome.IMPORTED
    server.answers["/feed"] = products({"colour": "red"})
    feed = work(feed, now=True)
    assert (feed.outcome, feed.error_text) == (Outcome.COLUMNS, "new columns: colour")
    feed = confirm(feed)
    server.answers["/feed"] = products({"brand": "Ours"}, {"colour": "red"})
    assert work(feed, now=True).outcome == Outcome.IMPORTED

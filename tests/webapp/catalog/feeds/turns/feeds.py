"""A feed on a real server, and what workers and operators do with it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from tests.factories import UserFactory
from tests.support import picture_server as serve
from tests.support.picture_server import PictureServer
from webapp.catalog.feeds.services import feed_ask, feed_create
from webapp.catalog.feeds.settling import feed_settle
from webapp.catalog.feeds.turns import feed_fetch, feeds_due
from webapp.catalog.mappings import mapping_keep
from webapp.catalog.models import CatalogImport, Product, RemoteFeed
from webapp.catalog.services import catalog_import_run, catalog_import_start

Status, Outcome = RemoteFeed.Status, RemoteFeed.Outcome
PATH = "/feed.csv"
HEADER = "sku,name,category,photo"


def products_csv(n: int, header: str = HEADER, more: str = "", **headers: str) -> serve.Answer:
    """A feed of n products."""
    lines = [f"A{i},Stool {i},Stools,http://localhost/{i}.png{more}" for i in range(n)]
    return serve.image("\n".join([header, *lines, ""]).encode(), "text/csv", **headers)


def make_feed(server: PictureServer, path: str = PATH, **values: Any) -> RemoteFeed:
    by = UserFactory()
    return feed_create(by=by, **{"name": "Shop", "url": server.url(path), "every_h": 6, **values})


def work(feed: RemoteFeed, *, now: bool = False) -> RemoteFeed:
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


def confirm(feed: RemoteFeed, confirmed: int | None = None) -> RemoteFeed:
    """Confirm the columns of the newest import and import it, as an operator does on its page."""
    row = newest(feed)
    mapping_keep(row=row, given={"columns": {}}, by=UserFactory())
    assert catalog_import_start(import_id=row.pk, dry_run=False, complete=row.complete, confirmed=confirmed)
    return work(feed)


def newest(feed: RemoteFeed) -> CatalogImport:
    row = feed.imports.order_by("-created_at").first()
    assert row is not None
    return row


def wait(feed: RemoteFeed) -> timedelta:
    """Return the time between the last fetch and the next."""
    assert feed.due_at is not None
    assert feed.fetched_at is not None
    return feed.due_at - feed.fetched_at


def on_sale() -> int:
    return Product.objects.filter(active=True).count()

"""From an address to a file with a name by which its format is recognised."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import IO
from urllib.parse import unquote, urlsplit

from django.conf import settings

from ml.errors import gettext_noop
from webapp.catalog.feeds.packed import ENDINGS, unpack
from webapp.catalog.fetching.addresses import Policy
from webapp.catalog.fetching.client import Fetcher, Limits, Login, Received, Validators
from webapp.catalog.importer.feeds.opening import EXTENSIONS
from webapp.catalog.importer.findings import FeedError
from webapp.catalog.models import RemoteFeed

TOTAL_S, CONNECT_S, IDLE_S = 600.0, 8.0, 60.0  # shops generate a feed while one waits for its first byte
_BY_TYPE = {
    "text/csv": "csv",
    "text/tab-separated-values": "tsv",
    "application/json": "json",
    "application/x-ndjson": "jsonl",
    "application/xml": "xml",
    "text/xml": "xml",
    "application/rss+xml": "xml",
    "application/atom+xml": "xml",
}
_OTHER = "txt"  # opened by its beginning


def feed_download(feed: RemoteFeed, file: IO[bytes]) -> Received:
    """Write a feed to `file`, unpacked, unless it has not changed since its last import.

    Raises FetchError naming what is wrong with its server, FeedError if it is a web page or cannot be unpacked.
    """
    limits = Limits(settings.REMOTE_FEED_MAX_BYTES, total_s=TOTAL_S, connect_s=CONNECT_S, idle_s=IDLE_S)
    login = Login(feed.user, feed.password) if feed.user else None
    known = Validators(feed.etag, feed.last_modified)
    with Fetcher(Policy(settings.PRIVATE_PICTURE_HOSTS), limits) as fetcher:
        received = fetcher.fetch_feed(feed.url, file, known, login)
    if received.is_new:
        unpack(file, max_bytes=settings.REMOTE_FEED_MAX_BYTES)
        _check_beginning(file.read(1 << 10))
        file.seek(0)
    return received


def file_name(url: str, kind: str) -> str:
    """Return the name of the file at a URL, with an extension of feeds; `kind`: its type, such as `text/csv`."""
    name = PurePosixPath(unquote(urlsplit(url).path)).name[:120] or "feed"
    for ending in ENDINGS:
        name = name.removesuffix(ending)
    if name.lower().rpartition(".")[2] in EXTENSIONS:
        return name
    return f"{name}.{_BY_TYPE.get(kind, _OTHER)}"


def _check_beginning(start: bytes) -> None:
    if start.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith((b"<!doctype html", b"<html")):
        raise FeedError("feed", gettext_noop("is a web page, such as one that asks to sign in, not a feed"))

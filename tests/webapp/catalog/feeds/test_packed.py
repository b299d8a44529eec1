"""Feeds that are served compressed."""

from __future__ import annotations

import gzip
import io
import zipfile

import pytest

from webapp.catalog.feeds.packed import unpack
from webapp.catalog.importer.findings import FeedError

FEED = b"sku,name\n1,Chair\n" * 200


def zipped(**files: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return content.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        FEED,
        gzip.compress(FEED),
        gzip.compress(FEED[:100]) + gzip.compress(FEED[100:]),
        zipped(**{"feed.csv": FEED}),
        zipped(**{"feed.csv": FEED, "__MACOSX/._feed.csv": b"x", "folder/": b""}),
    ],
    ids=["plain", "gzip", "two members", "zip", "zip of a Mac"],
)
def test_a_compressed_feed_is_what_it_contains(data: bytes) -> None:
    file = io.BytesIO(data)
    file.read(3)
    unpack(file, max_bytes=10_000)
    assert file.read() == FEED


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (gzip.compress(FEED)[:-9], "broken or incomplete"),
        (b"\x1f\x8bnothing", "broken or incomplete"),
        (zipped(**{"feed.csv": FEED})[:40], "broken or incomplete"),
        (zipped(**{"a.csv": FEED, "b.csv": FEED}), "2 files"),
        (zipped(**{"folder/": b""}), "0 files"),
        (b"BZh91AY", "supported: gzip"),
        (b"\xfd7zXZ\x00", "supported: gzip"),
        (gzip.compress(bytes(1_000_000)), "more than 0.01 MB"),
        (zipped(**{"bomb.csv": bytes(1_000_000)}), "more than 0.01 MB"),
    ],
    ids=["cut off", "no gzip", "half a zip", "two files", "no file", "bzip2", "xz", "bomb", "zipped bomb"],
)
def test_what_cannot_be_unpacked_is_named(data: bytes, message: str) -> None:
    with pytest.raises(FeedError, match=message):
        unpack(io.BytesIO(data), max_bytes=10_000)

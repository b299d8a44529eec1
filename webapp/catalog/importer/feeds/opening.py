"""Open a feed: its format, by its beginning, its encoding, its columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, islice
from typing import IO

from ml.errors import gettext_noop
from webapp.catalog.importer.feeds.csv import csv_open
from webapp.catalog.importer.feeds.encoding import TextLines, detect_encoding, given_encoding
from webapp.catalog.importer.feeds.json import array_records, jsonl_records
from webapp.catalog.importer.feeds.records import Kind, OpenFeed, RawRow, column_name
from webapp.catalog.importer.feeds.xml import xml_records
from webapp.catalog.importer.findings import FeedError

N_SAMPLES = 20
EXTENSIONS = ("csv", "tsv", "txt", "tab", "json", "jsonl", "ndjson", "xml", "rss", "atom")


def feed_kind(name: str) -> str:
    """Return the lower-case extension of a feed's file name. Raises FeedError for one that no feed has."""
    extension = name.lower().rpartition(".")[2]
    if extension in {"xlsx", "xls", "ods", "numbers"}:
        raise FeedError(
            "feed",
            gettext_noop("{name!r} is a spreadsheet; save it as CSV (UTF-8), .csv, and import that"),
            name=name,
        )
    if extension not in EXTENSIONS:
        raise FeedError(
            "feed",
            gettext_noop("{name!r} does not end in {names}"),
            name=name,
            names=", ".join(f".{end}" for end in EXTENSIONS),
        )
    return extension


def feed_open(stream: IO[bytes], name: str, *, encoding: str = "", at_most: int | None = None) -> OpenFeed:
    """Open a feed with that file name; `stream` can be rewound.

    encoding: one of `ENCODINGS`; if empty, it is detected, by `at_most` bytes if that is given.
    Raises FeedError if the feed as a whole is unusable, now or while its records are read.
    """
    extension = feed_kind(name)
    stream.seek(0)
    found = given_encoding(encoding) if encoding else detect_encoding(stream, at_most)
    start = _start(stream, found.codec)
    if start.startswith("<") or extension in {"xml", "rss", "atom"}:
        return _with_header("xml", xml_records(stream))
    lines = TextLines(stream, found.codec)
    return replace(_text_open(lines, start, extension), encoding=found)


def _text_open(lines: TextLines, start: str, extension: str) -> OpenFeed:
    if extension in {"jsonl", "ndjson"}:
        return _with_header("json", jsonl_records(lines))
    if start.startswith(("[", "{")) or extension == "json":
        by_line = start.startswith("{") and "}\n{" in start.replace(" ", "").replace("\r", "\n")
        return _with_header("json", (jsonl_records if by_line else array_records)(lines))
    return csv_open(lines)


def _start(stream: IO[bytes], codec: str) -> str:
    text = stream.read(1 << 16).decode(codec, errors="replace").lstrip("\ufeff \t\r\n")
    stream.seek(0)
    return text


def _with_header(kind: Kind, records: Iterator[RawRow]) -> OpenFeed:
    """Return a feed whose columns are the names that its first records have."""
    first = list(islice(records, N_SAMPLES))
    names = dict.fromkeys(name for record in first for name in record.fields or {})
    for name in names:
        column_name(name)
    return OpenFeed(kind, tuple(names), chain(first, records))

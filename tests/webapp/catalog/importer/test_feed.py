"""From the bytes of a feed to raw rows."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from webapp.catalog.importer import feed
from webapp.catalog.importer.feed import RawRow, feed_rows
from webapp.catalog.importer.findings import FeedError


def _rows(data: bytes, name: str = "feed.csv") -> list[RawRow]:
    return list(feed_rows(io.BytesIO(data), name))


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_with_any_usual_delimiter_and_a_byte_order_mark(delimiter: str) -> None:
    text = 'SKU,name,category,photo\r\nA1,"Stool, high",stools,a.png\r\n'.replace(",", delimiter)
    text = text.replace(f"Stool{delimiter}", "Stool,")
    (row,) = _rows(b"\xef\xbb\xbf" + text.encode())
    assert row.number == 1
    assert row.fields == {"sku": "A1", "name": "Stool, high", "category": "stools", "photo": "a.png"}


def test_csv_values_may_contain_line_breaks_and_empty_lines_are_skipped() -> None:
    rows = _rows(b'sku,name,category,photo\n\nA,"two\nlines",c,p\n\nB,n,c,p\n')
    assert [(row.number, (row.fields or {})["sku"]) for row in rows] == [(1, "A"), (2, "B")]


def test_jsonl() -> None:
    rows = _rows(b'{"sku": "A"}\n\n[1]\n{"sku": \n{"sku": "B"}\n', "feed.JSONL")
    assert [row.number for row in rows] == [1, 2, 3, 4]
    assert rows[0].fields == {"sku": "A"}
    assert rows[1].why == "not a JSON object"
    assert rows[2].why.startswith("not JSON")
    assert rows[3].fields == {"sku": "B"}


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"A,n,c", "3 fields, the header has 4"),
        (b"A,n,c,p,q", "5 fields"),
        (b"A,\xff\xfe,c,p", "not UTF-8"),
        (b"A," + b"n" * feed.MAX_LINE_BYTES + b",c,p", "longer than"),
        (b'A,"n"x,c,p', "expected after"),
    ],
)
def test_bad_line_is_reported_and_skipped(line: Any, why: str) -> None:
    rows = _rows(b"sku,name,category,photo\n" + line + b"\nB,n,c,p\n")
    assert rows[0].fields is None
    assert why in rows[0].why
    assert (rows[-1].fields or {})["sku"] == "B"


def test_an_unclosed_quote_does_not_swallow_the_feed() -> None:
    data = b'sku,name,category,photo\nA,"n,c,p\n' + b"B,n,c,p\n" * 40_000
    rows = _rows(data)
    assert rows[0].fields is None
    assert (rows[-1].fields or {})["sku"] == "B"


def test_deeply_nested_json_is_a_bad_row() -> None:
    rows = _rows(b"[" * 100_000 + b"\n" + b'{"sku": "B"}', "feed.jsonl")
    assert rows[0].fields is None
    assert rows[1].fields == {"sku": "B"}


@pytest.mark.parametrize(
    ("data", "name", "field", "why"),
    [
        (b"sku,name,photo\n", "feed.csv", "header", "'category'"),
        (b"sku,sku,name,category,photo\n", "feed.csv", "header", "duplicate column 'sku'"),
        (b"", "feed.csv", "header", "'sku'"),
        (b"\xff\xff\n", "feed.csv", "header", "UTF-8"),
        (b"{}", "feed.xlsx", "feed", ".jsonl"),
    ],
)
def test_unusable_feed_is_refused_as_a_whole(data: bytes, name: str, field: str, why: str) -> None:
    with pytest.raises(FeedError, match=why) as error:
        _rows(data, name)
    assert error.value.field == field


def test_the_stream_is_read_lazily() -> None:
    class Endless(io.BytesIO):
        lines = 0

        def readline(self, size: int | None = -1) -> bytes:
            self.lines += 1
            return json.dumps({"sku": f"A{self.lines}"}).encode() + b"\n"

    endless = Endless()
    rows = feed_rows(endless, "feed.jsonl")
    assert [(next(rows).fields or {})["sku"] for _ in range(3)] == ["A1", "A2", "A3"]
    assert endless.lines == 3

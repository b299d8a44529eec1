"""From the bytes of a feed to raw rows."""

from __future__ import annotations

import contextlib
import io
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.catalog.importer.feeds.opening import feed_open
from webapp.catalog.importer.feeds.records import MAX_RECORD, RawRow
from webapp.catalog.importer.findings import FeedError, RowError


def _rows(data: bytes, name: str = "feed.csv") -> list[RawRow]:
    return list(feed_open(io.BytesIO(data), name).records)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_csv_with_any_usual_delimiter_and_a_byte_order_mark(delimiter: str) -> None:
    text = 'SKU,name,category,photo\r\nA1,"Stool, high",stools,a.png\r\n'.replace(",", delimiter)
    text = text.replace(f"Stool{delimiter}", "Stool,")
    (row,) = _rows(b"\xef\xbb\xbf" + text.encode())
    assert row.number == 1
    assert row.fields == {"SKU": "A1", "name": "Stool, high", "category": "stools", "photo": "a.png"}


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
        ("Ä,Ö,c,p\n".encode() + b"A,\xff\xfe,c,p", "not UTF-8"),
        (b"A," + b"n" * MAX_RECORD + b",c,p", "longer than"),
        (b'A,"n"x,c,p', "expected after"),
    ],
)
def test_bad_line_is_reported_and_skipped(line: Any, why: str) -> None:
    rows = _rows(b"sku,name,category,photo\n" + line + b"\nB,n,c,p\n")
    (bad,) = [row for row in rows if row.fields is None]
    assert why in RowError("row", bad.why, **bad.values).message
    assert (rows[-1].fields or {})["sku"] == "B"


def test_an_unclosed_quote_does_not_swallow_the_feed() -> None:
    data = b'sku,name,category,photo\nA,"n,c,p\n' + b"B,n,c,p\n" * 40_000
    rows = _rows(data)
    assert rows[0].fields is None
    assert (rows[-1].fields or {})["sku"] == "B"


def test_an_unclosed_quote_far_into_a_feed_is_named() -> None:
    rows = _rows(b'sku,name\nA,"n\n' + b"B,n\n" * 50_000)
    assert "is not closed" in rows[0].why


def test_a_string_of_json_that_ends_anywhere_is_read_once() -> None:
    """In each half of a value, as chunks of the feed cut it, a reader that tries every quote takes minutes."""
    text = '["' + '\\"' * 190_000
    for shift in range(2):
        with pytest.raises(FeedError, match=r"longer than|not JSON|not closed"):
            _rows(b"[" + b" " * shift + text.encode(), "feed.json")


def test_an_item_with_many_elements_of_a_name_is_read_once() -> None:
    n = 150_000
    (row,) = _rows(b"<rss><channel><item>" + b"<a>1</a>" * n + b"</item></channel></rss>", "feed.xml")
    assert (row.fields or {})["a"] == ["1"] * n


def test_names_of_google_come_first_whatever_their_order() -> None:
    item = "<item><x>1</x><x>2</x><g:x>3</g:x><x>4</x><g:x>5</g:x><y>6</y><y>7</y></item>"
    xml = f'<rss xmlns:g="http://base.google.com/ns/1.0"><channel>{item}</channel></rss>'
    (row,) = _rows(xml.encode(), "feed.xml")
    assert row.fields == {"x": ["3", "5"], "y": ["6", "7"]}


def test_deeply_nested_json_is_a_bad_row() -> None:
    rows = _rows(b"[" * 100_000 + b"\n" + b'{"sku": "B"}', "feed.jsonl")
    assert rows[0].fields is None
    assert rows[1].fields == {"sku": "B"}


@pytest.mark.parametrize(
    ("data", "name", "field", "why"),
    [
        (b"sku,sku,name,category,photo\n", "feed.csv", "header", "duplicate column 'sku'"),
        (b"", "feed.csv", "header", "empty"),
        (b"sku,,name\n", "feed.csv", "header", "column 2 has no name"),
        (b"{}", "feed.xlsx", "feed", "save it as CSV"),
        (b"{}", "feed.pdf", "feed", ".jsonl"),
        (b'[{"sku": 1} {"sku": 2}]', "feed.json", "feed", "row 2 is not JSON"),
        (b"[" * 100_000, "feed.json", "feed", "nested too deep"),
        (b"<rss>" + b"x" * 3_000_000, "feed.xml", "feed", "no end of an <item>"),
        (
            b"<rss>" + b"<a>" * 8_000 + b"</a>" * 8_000 + b"</rss>",
            "feed.xml",
            "feed",
            "nested deeper than 32",
        ),
        (b"<rss>" + b"<item>" * 40, "feed.xml", "feed", "after row 0: elements nested deeper"),
        (b"<rss><channel><item>" + b"<item>x</item>" * 200_000, "feed.xml", "feed", "no end of an <item>"),
        (
            b'sku,"name,category\nA,n,c\n',
            "feed.csv",
            "header",
            "not closed in the first line, near 'sku,\"name",
        ),
        (b'sku,name 5",c\n' + b"A,n,c\n" * 100_000, "feed.csv", "header", "not closed in the first line"),
        (b'"' + b"n" * 140_000 + b'",sku\n', "feed.csv", "header", "not closed"),
        (b"n" * 301 + b",sku\n", "feed.csv", "header", "at most 300"),
        (b"sku,a" + "\u0316\u0300".encode() * 20 + b"\n", "feed.csv", "header", "combining marks"),
        (b'[{"' + b"n" * 301 + b'": 1}]', "feed.json", "header", "at most 300"),
        (b"<html></html>", "feed.xml", "feed", "no <item>"),
    ],
)
def test_unusable_feed_is_refused_as_a_whole(data: bytes, name: str, field: str, why: str) -> None:
    with pytest.raises(FeedError, match=why) as error:
        _rows(data, name)
    assert error.value.field == field


class Counted(io.BytesIO):
    n_read = 0

    def read(self, size: int | None = -1) -> bytes:
        data = super().read(size)
        self.n_read += len(data)
        return data


@pytest.mark.parametrize("name", ["feed.csv", "feed.jsonl", "feed.json", "feed.xml"])
def test_a_feed_is_never_in_memory_as_a_whole(name: str) -> None:
    n = 20_000
    rows = {
        "feed.csv": "sku,name\n" + "A,B\n" * n,
        "feed.jsonl": '{"sku": "A"}\n' * n,
        "feed.json": "[" + ",".join(['{"sku": "A"}'] * n) + "]",
        "feed.xml": "<rss><channel>" + "<item><id>A</id></item>" * n + "</channel></rss>",
    }[name]
    stream = Counted(rows.encode())
    opened = feed_open(stream, name, at_most=1)
    stream.n_read = 0
    assert next(opened.records).fields
    assert stream.n_read < len(rows) / 2
    tracemalloc.start()
    assert sum(1 for _ in opened.records) == n - 1
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(encoding: str, end: str) -> None:
    text = "sku;name\nA;Großes Gemälde für die Küche\nB;Höcker\n".replace("\n", end)
    rows = _rows(text.encode(encoding))
    assert [row.fields for row in rows] == [
        {"sku": "A", "name": "Großes Gemälde für die Küche"},
        {"sku": "B", "name": "Höcker"},
    ]


def test_an_accent_far_into_a_feed_is_found() -> None:
    data = b"sku,name\n" + b"A,plain\n" * 30_000 + "B,Stühle für Gäste".encode("cp1252")
    assert (_rows(data)[-1].fields or {})["name"] == "Stühle für Gäste"


@given(st.binary(max_size=300), st.sampled_from(["f.csv", "f.json", "f.jsonl", "f.xml", "f.txt"]))
def test_any_bytes_are_read_or_refused(data: bytes, name: str) -> None:
    with contextlib.suppress(FeedError):
        for row in _rows(data, name):
            assert row.fields is None or all(isinstance(key, str) for key in row.fields)

"""Read a feed's bytes as raw rows, one at a time, whatever they contain. The feed is never held in memory as a whole."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any

from webapp.catalog.importer.findings import FeedError
from webapp.input.parsing import parse_json
from webapp.input.text import InputError

MAX_LINE_BYTES = 200_000
REQUIRED = ("sku", "name", "category", "photo")


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row of the feed: its number (the first is 1), and its fields, or the reason why it has none."""

    number: int
    fields: Mapping[str, Any] | None
    why: str = ""


def feed_kind(name: str) -> str:
    """Return `csv` or `jsonl`, by the extension of the feed's file name. Raises FeedError for another extension."""
    kind = {"csv": "csv", "tsv": "csv", "jsonl": "jsonl", "ndjson": "jsonl"}.get(
        name.lower().rpartition(".")[2]
    )
    if kind is None:
        raise FeedError("feed", f"{name!r} does not end in .csv, .tsv, .jsonl or .ndjson")
    return kind


def feed_rows(feed: IO[bytes], name: str) -> Iterator[RawRow]:
    """Yield the rows of a feed with that file name.

    Raises FeedError if the feed as a whole is unusable: an unknown extension, or a header that lacks a column.
    """
    lines = _Lines(feed)
    return _csv_rows(lines) if feed_kind(name) == "csv" else _jsonl_rows(lines)


class _TooLongError(ValueError):
    pass


class _Lines:
    """The lines of a stream as text, each of at most MAX_LINE_BYTES."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream = stream
        self.first = True

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        """Return the next line. Raises ValueError if it is too long or not UTF-8, after skipping it."""
        line = self.stream.readline(MAX_LINE_BYTES + 1)
        if not line:
            raise StopIteration
        if len(line) > MAX_LINE_BYTES and not line.endswith(b"\n"):
            while (rest := self.stream.readline(MAX_LINE_BYTES)) and not rest.endswith(b"\n"):
                pass
            raise _TooLongError(f"a line longer than {MAX_LINE_BYTES} bytes")
        if self.first:
            self.first = False
            line = line.removeprefix(b"\xef\xbb\xbf")
        try:
            return line.decode()
        except UnicodeDecodeError as error:
            raise ValueError(f"not UTF-8: byte {error.object[error.start]:#04x}") from error


def _csv_rows(lines: _Lines) -> Iterator[RawRow]:
    try:
        header_line = next(lines, "")
    except ValueError as error:
        raise FeedError("header", str(error)) from error
    delimiter = max(",;\t", key=header_line.count)
    header = [name.strip().lower() for name in next(csv.reader([header_line], delimiter=delimiter), [])]
    _check_header(header)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    number = 0
    while True:
        number += 1
        try:
            values = next(reader)
        except StopIteration:
            return
        except (csv.Error, ValueError) as error:
            yield RawRow(number, None, str(error))
            reader = csv.reader(lines, delimiter=delimiter, strict=True)  # discards an open quote
            continue
        if not values:
            number -= 1  # an empty line is not a row
        elif len(values) != len(header):
            yield RawRow(number, None, f"{len(values)} fields, the header has {len(header)}")
        else:
            yield RawRow(number, dict(zip(header, values, strict=True)))


def _check_header(header: list[str]) -> None:
    for name in REQUIRED:
        if name not in header:
            raise FeedError(
                "header", f"no column {name!r}; required: {', '.join(REQUIRED)}; found: {header[:20]}"
            )
    duplicates = sorted({name for name in header if header.count(name) > 1})
    if duplicates:
        raise FeedError("header", f"duplicate column {duplicates[0]!r}")


def _jsonl_rows(lines: _Lines) -> Iterator[RawRow]:
    number = 0
    while True:
        number += 1
        try:
            line = next(lines)
            if not line.strip():
                number -= 1
                continue
            fields = parse_json(line, "row")
        except StopIteration:
            return
        except (InputError, ValueError) as error:
            yield RawRow(number, None, str(error).removeprefix("row: "))
            continue
        if isinstance(fields, dict):
            yield RawRow(number, fields)
        else:
            yield RawRow(number, None, "not a JSON object")

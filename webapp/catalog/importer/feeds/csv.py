"""Text of a CSV, TSV or other delimited feed -> records, with the delimiter that its header has."""

from __future__ import annotations

import csv
from collections.abc import Iterator

from webapp.catalog.importer.feeds.encoding import LineError, TextLines
from webapp.catalog.importer.feeds.records import MAX_RECORD, OpenFeed, RawRow, column_name
from webapp.catalog.importer.findings import FeedError

DELIMITERS = ",;\t|"
MAX_COLUMNS = 1_000


def csv_open(lines: TextLines) -> OpenFeed:
    """Return the feed's header and records.

    Raises FeedError for a header that is empty, not text, or names a column twice.
    """
    header, delimiter = _header(lines)
    return OpenFeed("csv", header, _records(lines, header, delimiter))


def _header(lines: TextLines) -> tuple[tuple[str, ...], str]:
    try:
        line = next(lines, "")
        while line and not line.strip():
            line = next(lines, "")
        wanted = ""
        if line[:4].lower() == "sep=":  # Excel's own first line
            wanted, line = line[4:5], next(lines, "")
        line = _closed(line, lines)
    except LineError as error:
        raise FeedError("header", str(error)) from error
    if not line.strip():
        raise FeedError("header", "the feed is empty; its first line names the columns")
    splits = {mark: _split(line, mark) for mark in (wanted if wanted in DELIMITERS else "") or DELIMITERS}
    delimiter = max(splits, key=lambda mark: len(splits[mark]))
    names = [column_name(" ".join(name.split())) for name in splits[delimiter]]
    while names and not names[-1]:  # spreadsheets leave empty columns at the end
        names.pop()
    _check(names)
    return tuple(names), delimiter


def _closed(line: str, lines: TextLines) -> str:
    """Return the header with the lines that a name in quotes goes on in."""
    read, n_quotes, n = [line], line.count('"'), len(line)
    while n_quotes % 2:
        more = next(lines, "")
        n += len(more)
        if not more or n > MAX_RECORD:
            raise _unclosed(line)
        read.append(more)
        n_quotes += more.count('"')
    return "".join(read)


def _unclosed(line: str) -> FeedError:
    first = line.partition("\n")[0]
    near = first[max(0, first.rfind('"') - 20) :][:40]
    return FeedError(
        "header",
        f'a quote (") is not closed in the first line, near {near!r}; close it, or remove it from the name',
    )


def _split(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error as error:  # a field longer than csv's limit
        raise _unclosed(line) from error


def _check(names: list[str]) -> None:
    if len(names) > MAX_COLUMNS:
        raise FeedError("header", f"{len(names)} columns, at most {MAX_COLUMNS}")
    seen: set[str] = set()
    for position, name in enumerate(names, start=1):
        if not name:
            raise FeedError("header", f"column {position} has no name; name or remove it")
        if name.casefold() in seen:
            raise FeedError("header", f"duplicate column {name!r}; rename or remove one of them")
        seen.add(name.casefold())


def _records(lines: TextLines, header: tuple[str, ...], delimiter: str) -> Iterator[RawRow]:
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    number = 0
    while True:
        number += 1
        try:
            values = next(reader)
        except StopIteration:
            return
        except (csv.Error, LineError) as error:
            yield RawRow(number, None, _why(error))
            reader = csv.reader(lines, delimiter=delimiter, strict=True)  # discards an open quote
            continue
        while len(values) > len(header) and not values[-1].strip():
            values.pop()
        if not any(values):
            number -= 1  # an empty line, or one of a spreadsheet's empty rows
        elif len(values) != len(header):
            yield RawRow(
                number,
                None,
                f"{len(values)} fields, the header has {len(header)}; "
                f'put values that contain {_NAMES[delimiter]} in "quotes"',
            )
        else:
            yield RawRow(number, dict(zip(header, values, strict=True)))


def _why(error: Exception) -> str:
    if "field limit" in str(error):
        return f'a quote (") is not closed, or a value is longer than {csv.field_size_limit()} characters'
    return str(error)


_NAMES = {",": "a comma", ";": "a semicolon", "\t": "a tab", "|": "a pipe"}

"""Text of a CSV, TSV or other delimited feed -> records, with the delimiter that its header has."""

from __future__ import annotations

import csv
from collections.abc import Iterator

from ml.errors import gettext_noop
from webapp.catalog.importer.feeds.encoding import LineError, TextLines
from webapp.catalog.importer.feeds.records import MAX_RECORD, OpenFeed, RawRow, column_name
from webapp.catalog.importer.findings import FeedError, RowError

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
        raise FeedError("header", error.template, **error.values) from error
    if not line.strip():
        raise FeedError("header", gettext_noop("the file is empty; its first line names the columns"))
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
        gettext_noop(
            'a quote (") is not closed in the first line, near {near!r}; close it, or remove it from the name'
        ),
        near=near,
    )


def _split(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error as error:  # a field longer than csv's limit
        raise _unclosed(line) from error


def _check(names: list[str]) -> None:
    if len(names) > MAX_COLUMNS:
        raise FeedError("header", gettext_noop("{n} columns, at most {max}"), n=len(names), max=MAX_COLUMNS)
    seen: set[str] = set()
    for position, name in enumerate(names, start=1):
        if not name:
            raise FeedError(
                "header", gettext_noop("column {position} has no name; name or remove it"), position=position
            )
        if name.casefold() in seen:
            raise FeedError(
                "header", gettext_noop("duplicate column {name!r}; rename or remove one of them"), name=name
            )
        seen.add(name.casefold())


def _unread(number: int, error: csv.Error | LineError) -> RawRow:
    if isinstance(error, LineError):
        return RawRow(number, None, error.template, values=error.values)
    if "field limit" in str(error):
        why = gettext_noop('a quote (") is not closed, or a value is longer than {max} characters')
        return RawRow(number, None, why, values={"max": csv.field_size_limit()})
    return RawRow(number, None, str(error))


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
            yield _unread(number, error)
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
                gettext_noop(
                    '{n} fields, the header has {wanted}; put values that contain {mark} in "quotes"'
                ),
                values={"n": len(values), "wanted": len(header), "mark": RowError("row", _NAMES[delimiter])},
            )
        else:
            yield RawRow(number, dict(zip(header, values, strict=True)))


_NAMES = {
    ",": gettext_noop("a comma"),
    ";": gettext_noop("a semicolon"),
    "\t": gettext_noop("a tab"),
    "|": gettext_noop("a pipe"),
}

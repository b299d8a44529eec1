"""JSON of a feed -> records: a line per record, an array, or an object with an array such as `products`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import chain
from typing import Any

from ml.errors import gettext_noop
from webapp.catalog.importer.feeds.encoding import LineError, TextLines
from webapp.catalog.importer.feeds.records import MAX_RECORD, RawRow
from webapp.catalog.importer.findings import FeedError
from webapp.input.parsing import parse_json
from webapp.input.text import InputError

_KEPT_WHOLE = {"attributes", "images", "image", "photos", "photo", "media", "options", "tags"}
_LIST_AT = re.compile(
    r'\s*(?:\{\s*"[A-Za-z_]{1,40}"\s*:\s*)?\['
)  # an array, perhaps the first value of an object


def jsonl_records(lines: TextLines) -> Iterator[RawRow]:
    """Yield a record for each line that is not empty."""
    number = 0
    while True:
        number += 1
        try:
            line = next(lines)
            if not line.strip():
                number -= 1
                continue
        except StopIteration:
            return
        except LineError as error:
            yield RawRow(number, None, error.template, values=error.values)
            continue
        yield _record(number, line)


def array_records(lines: TextLines) -> Iterator[RawRow]:
    """Yield the elements of an array. Raises FeedError where the array is broken: nothing after that can be read."""
    chunks = lines.read_rest()
    text = ""
    for chunk in chunks:
        text += chunk
        if (start := _LIST_AT.match(text)) or len(text) > MAX_RECORD:
            break
    else:
        start = None
    if not start:
        raise FeedError(
            "feed", gettext_noop('neither a JSON array nor {"products": [...]}; write an array of objects')
        )
    return _elements(chain([text[start.end() :]], chunks))


def _elements(chunks: Iterator[str]) -> Iterator[RawRow]:
    decoder, text, number, after = json.JSONDecoder(), "", 0, False
    for chunk in chunks:
        text += chunk
        while True:
            text = text.lstrip()
            if after and text.startswith(","):
                text, after = text[1:].lstrip(), False
            if text.startswith("]"):
                return
            if not text:
                break
            try:
                if after:
                    raise ValueError(f"expected , or ] but found {text[:20]!r}")
                _, end = decoder.raw_decode(text)
            except RecursionError as error:
                raise FeedError("feed", gettext_noop("row {n}: nested too deep"), n=number + 1) from error
            except ValueError as error:
                if len(text) <= MAX_RECORD and not after and not _complete(text):
                    break  # more of it may follow
                raise _broken(number + 1, error) from error
            if end == len(text):
                break  # a number may go on
            number += 1
            yield _record(number, text[:end])
            text, after = text[end:], True
        if len(text) > 2 * MAX_RECORD:
            raise FeedError(
                "feed", gettext_noop("row {n}: longer than {max} characters"), n=number + 1, max=MAX_RECORD
            )
    raise FeedError(
        "feed",
        gettext_noop("the array is not closed after row {number}: the file is incomplete; export it again"),
        number=number,
    )


def _complete(text: str) -> bool:
    """Return whether the brackets of the first value are closed, outside of strings, so that it cannot go on."""
    depth = 0
    for match in re.finditer(r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|[{\[]|[}\]]', text, re.DOTALL):
        token = match.group()
        if token in "{[":
            depth += 1
        elif token in "}]":
            depth -= 1
            if depth <= 0:
                return True
    return False


def _broken(number: int, error: ValueError) -> FeedError:
    why = str(error)[:160]
    return FeedError(
        "feed",
        gettext_noop("row {number} is not JSON: {why}; the rows after it cannot be read"),
        number=number,
        why=why,
    )


def _record(number: int, text: str) -> RawRow:
    if len(text) > MAX_RECORD:
        return RawRow(number, None, gettext_noop("longer than {max} characters"), values={"max": MAX_RECORD})
    try:
        fields = parse_json(text, "row")
    except (InputError, ValueError) as error:
        return RawRow(number, None, str(error).removeprefix("row: "))
    if not isinstance(fields, dict):
        return RawRow(number, None, gettext_noop("not a JSON object"))
    return RawRow(number, flattened(fields))


def flattened(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields with nested ones as columns of their own: `price.amount`, `variants.sku` of the first."""
    flat: dict[str, Any] = {}
    for key, value in fields.items():
        first = value[0] if isinstance(value, list) and value and isinstance(value[0], dict) else value
        if key in _KEPT_WHOLE or not isinstance(first, dict):
            flat[key] = value
        else:
            flat |= {f"{key}.{inner}": each for inner, each in first.items()}
    return flat

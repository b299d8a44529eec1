"""Records of a feed, as they were written and as rows of products."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from webapp.catalog.importer.findings import FeedError
from webapp.input.text import composed

MAX_RECORD = 200_000  # characters of a line of CSV, or of a JSON object
MAX_COLUMN = 300  # characters of a column's name

Kind = Literal["csv", "json", "xml"]


@dataclass(frozen=True, slots=True)
class RawRow:
    """A record of the feed: its number (the first is 1), and its fields, or the reason why it has none.

    `columns`: how the feed calls the fields, for findings. `warnings`: (field, why) of what is doubtful.
    """

    number: int
    fields: Mapping[str, Any] | None
    why: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Encoding:
    """The encoding of a feed; `is_sure`: whether it was given, or the feed has enough text to tell."""

    codec: str
    is_sure: bool = True

    @property
    def is_legacy(self) -> bool:
        return not self.codec.startswith("utf")


@dataclass(frozen=True, slots=True)
class OpenFeed:
    """A feed whose format and columns are known, and whose records have yet to be read.

    encoding: None for XML, which says its own.
    """

    kind: Kind
    header: tuple[str, ...]
    records: Iterator[RawRow]
    encoding: Encoding | None = None


def column_name(name: str) -> str:
    """Return the name of a column in Unicode's composed form. Raises FeedError if it is too long."""
    if len(name) > MAX_COLUMN:
        raise FeedError(
            "header", f"a column's name, {name[:20]!r}…, has {len(name)} characters, at most {MAX_COLUMN}"
        )
    try:
        return composed(name)
    except ValueError as error:
        raise FeedError("header", f"{name[:20]!r}…: {error}") from error

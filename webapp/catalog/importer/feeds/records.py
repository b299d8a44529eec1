"""Records of a feed, as they were written and as rows of products."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ml.errors import gettext_noop
from webapp.catalog.importer.findings import FeedError, RowError
from webapp.input.text import MAX_MARKS, composed

MAX_RECORD = 200_000  # characters of a line of CSV, or of a JSON object
MAX_COLUMN = 300  # characters of a column's name

Kind = Literal["csv", "json", "xml"]


@dataclass(frozen=True, slots=True)
class RawRow:
    """A record of the feed: its number (the first is 1), and its fields, or the reason why it has none.

    `why`: in English, with places for `values`. `columns`: how the feed calls the fields, for findings. `warnings`: of
    what is doubtful.
    """

    number: int
    fields: Mapping[str, Any] | None
    why: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[RowError, ...] = ()


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
            "header",
            gettext_noop("a column's name, {name!r}…, has {n} characters, at most {max}"),
            name=name[:20],
            n=len(name),
            max=MAX_COLUMN,
        )
    try:
        return composed(name)
    except ValueError as error:
        raise FeedError(
            "header",
            gettext_noop("a column's name, {name!r}…, has more than {max} combining marks on one letter"),
            name=name[:20],
            max=MAX_MARKS,
        ) from error

"""Records of a feed, as they were written and as rows of products."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

MAX_RECORD = 200_000  # characters of a line of CSV, or of a JSON object

Kind = Literal["csv", "json", "xml"]


@dataclass(frozen=True, slots=True)
class RawRow:
    """A record of the feed: its number (the first is 1), and its fields, or the reason why it has none.

    `why`: in English, with places for `values`. `columns`: how the feed calls the fields, for findings.
    """

    number: int
    fields: Mapping[str, Any] | None
    why: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OpenFeed:
    """A feed whose format and columns are known, and whose records have yet to be read."""

    kind: Kind
    header: tuple[str, ...]
    records: Iterator[RawRow]

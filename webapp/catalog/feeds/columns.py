"""Whether a feed has the columns that an operator has confirmed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ml.errors import gettext_noop
from webapp.catalog.importer.feeds.layouts import recognised
from webapp.catalog.importer.feeds.records import OpenFeed
from webapp.catalog.importer.feeds.targets import column_key

_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Difference:
    """Columns that were not confirmed, and confirmed ones that are gone."""

    new: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def template(self) -> str:
        """What differs, with places for `values`; translated when it is shown."""
        if not self.missing:
            return gettext_noop("new columns: {new}")
        if not self.new:
            return gettext_noop("missing columns: {missing}")
        return gettext_noop("new columns: {new}; missing columns: {missing}")

    @property
    def values(self) -> dict[str, str]:
        named = {"new": self.new, "missing": self.missing}
        return {key: _listed(columns) for key, columns in named.items() if columns}

    def __bool__(self) -> bool:
        return bool(self.new or self.missing)


def difference(mapping: Mapping[str, Any], feed: OpenFeed) -> Difference:
    """Compare a feed's columns with those of a mapping. The order of columns does not count.

    A record of JSON or XML may leave fields out, so there only new names count.
    """
    confirmed = {column_key(name): name for name in mapping["columns"]}
    here = {column_key(name): name for name in feed.header}
    missing = [name for key, name in confirmed.items() if key not in here] if feed.kind == "csv" else []
    return Difference(tuple(name for key, name in here.items() if key not in confirmed), tuple(missing))


def suggestion(mapping: Mapping[str, Any], feed: OpenFeed) -> dict[str, Any]:
    """Return what the operator confirmed earlier as a proposal for changed columns; {}: nothing of it applies."""
    confirmed = {column_key(name) for name in mapping.get("columns", {})}
    same = mapping.get("layout") == recognised(feed.header).name
    return dict(mapping) if same and any(column_key(name) in confirmed for name in feed.header) else {}


def _listed(columns: tuple[str, ...]) -> str:
    shown = ", ".join(name[:80] for name in columns[:_SHOWN])
    return shown if len(columns) <= _SHOWN else f"{shown} (+{len(columns) - _SHOWN})"

"""Which column of a feed is which field of a product: recognised, shown, edited, kept, read from TOML."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping as AnyMapping
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ml.errors import gettext_noop
from webapp.catalog.importer.feeds.layouts import LAYOUTS, TABLE, Layout, recognised, targets_of
from webapp.catalog.importer.feeds.targets import ATTRIBUTE, FIELDS, HELPERS, column_key, is_target
from webapp.catalog.importer.findings import FeedError

CONSTANTS = tuple(field for field in FIELDS if field not in {"sku", "images", "attributes"})


@dataclass(frozen=True, slots=True)
class Mapping:
    """`columns`: the field of each column, "" if it is not imported. `constants`: fields for rows that leave them empty.

    A constant may insert columns, percent-encoded: `https://shop.example/products/{Handle}`. encoding: of the feed, if an
    operator has set it.
    """

    layout: Layout
    columns: AnyMapping[str, str]
    constants: AnyMapping[str, str] = field(default_factory=dict)
    encoding: str = ""

    def of(self, target: str) -> list[str]:
        """Return the columns of a field, those first that count first."""
        return sorted((c for c, to in self.columns.items() if to == target), key=self.layout.rank)

    def names(self) -> dict[str, str]:
        """Return how the feed calls each field, for findings."""
        targets = {target for target in self.columns.values() if target}
        names = {target: " or ".join(self.of(target)[:2]) for target in targets}
        names |= {name: name for name in self.constants if name not in names}
        names.setdefault("sku", names.get("id", "sku"))
        names["photo"] = (self.of("images") or ["photo"])[0]
        return names

    def ignored(self) -> list[str]:
        used = {found["named_by"] for to in self.columns.values() if (found := ATTRIBUTE.match(to))}
        return [column for column, target in self.columns.items() if not target and column not in used]

    def as_json(self) -> dict[str, Any]:
        """Return what `mapping_of` reads again."""
        return {
            "layout": self.layout.name,
            "columns": dict(self.columns),
            "constants": dict(self.constants),
            **({"encoding": self.encoding} if self.encoding else {}),
        }

    def check_complete(self) -> None:
        """Raise FeedError if the layout has prices without a currency and none is given."""
        prices = [*self.of("price"), *self.of("sale_price")]
        if (
            prices
            and not self.layout.has_currency
            and not (self.of("currency") or "currency" in self.constants)
        ):
            raise FeedError(
                "currency",
                gettext_noop(
                    "{column} has no currency in the layout {title}; say which one prices without one have, such as EUR"
                ),
                column=prices[0],
                title=self.layout.title,
            )

    def check(self, header: Sequence[str]) -> None:
        """Raise FeedError naming what is wrong with the mapping of that header."""
        for column, target in self.columns.items():
            if not is_target(target):
                raise FeedError(
                    f"columns.{column}",
                    gettext_noop("{target!r} is no field; use one of {names}, attr.NAME"),
                    target=target,
                    names=", ".join([*FIELDS, *HELPERS]),
                )
        for name in self.constants:
            if name not in CONSTANTS:
                raise FeedError(
                    f"constants.{name}", gettext_noop("must be one of {names}"), names=", ".join(CONSTANTS)
                )
        if not (self.of("sku") or self.of("id")):
            raise FeedError(
                "header",
                gettext_noop(
                    "no column 'sku', or another that numbers the products; name it so, or map it to sku; found: {names}"
                ),
                names=", ".join(header[:20]),
            )


def header_key(header: Sequence[str]) -> str:
    """Return what identifies a header, whatever the order of its columns."""
    return hashlib.sha256(json.dumps(sorted(map(column_key, header))).encode()).hexdigest()


def mapping_of(header: Sequence[str], kept: AnyMapping[str, Any] | None = None) -> Mapping:
    """Return the mapping of a header: as its layout has it, or as `kept` says for the columns that it names.

    kept: {"layout"?, "columns": {column: field}, "constants"?: {field: text}, "encoding"?}. Raises FeedError naming
    what is wrong.
    """
    layout = recognised(header)
    if not kept:
        mapping = Mapping(layout, targets_of(layout, header))
    else:
        layout = _layout(kept.get("layout") or layout.name)
        named = {column_key(column): target for column, target in _texts(kept, "columns").items()}
        found = {c: named.get(column_key(c), target) for c, target in targets_of(layout, header).items()}
        unknown = sorted(set(named) - {column_key(column) for column in header})
        if unknown and not any(column_key(column) in named for column in header):
            raise FeedError(
                "columns",
                gettext_noop("none of {names} is a column; found: {header}"),
                names=", ".join(unknown[:5]),
                header=", ".join(header[:20]),
            )
        mapping = Mapping(layout, found, _texts(kept, "constants"), kept.get("encoding") or "")
    mapping.check(header)
    return mapping


def with_constants(mapping: Mapping, constants: AnyMapping[str, str]) -> Mapping:
    """Return the mapping with further constants. Raises FeedError for a field that cannot be one."""
    changed = replace(mapping, constants={**mapping.constants, **constants})
    changed.check(list(mapping.columns))
    return changed


def mapping_read(path: Path) -> dict[str, Any]:
    """Return what a TOML file says of columns and constants. Raises FeedError naming the file."""
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except OSError as error:
        raise FeedError(path.name, error.strerror or "cannot be opened") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FeedError(path.name, gettext_noop("not TOML: {why}"), why=error) from error


def mapping_toml(mapping: Mapping) -> str:
    """Return a mapping as TOML, to edit and to give to the next import."""
    lines = [f"layout = {json.dumps(mapping.layout.name)}  # {mapping.layout.title}"]
    lines += [f"encoding = {json.dumps(mapping.encoding)}"] if mapping.encoding else []
    lines += ["", "[columns]"]
    lines += [f"{_toml(column)} = {_toml(target)}" for column, target in mapping.columns.items()]
    lines += [
        "",
        "[constants]",
        *(f"{_toml(key)} = {_toml(value)}" for key, value in mapping.constants.items()),
    ]
    return "\n".join(lines) + "\n"


def _toml(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _layout(name: Any) -> Layout:
    if name not in LAYOUTS:
        raise FeedError(
            "layout", gettext_noop("{name!r} is none of {names}"), name=name, names=", ".join(LAYOUTS)
        )
    return LAYOUTS.get(name, TABLE)


def _texts(kept: AnyMapping[str, Any], key: str) -> dict[str, str]:
    given = kept.get(key) or {}
    if not isinstance(given, dict) or not all(isinstance(text, str) for text in given.values()):
        raise FeedError(key, gettext_noop("must be a table of texts"))
    return given

"""Records of a feed -> rows of products: columns renamed to fields, a product's rows put together."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from ml.errors import gettext_noop
from webapp.catalog.importer.feeds.mapping import Mapping
from webapp.catalog.importer.feeds.records import RawRow
from webapp.catalog.importer.feeds.targets import ATTRIBUTE, column_key
from webapp.catalog.importer.findings import RowError

MAX_ROWS = 2_000  # of one product


def product_rows(records: Iterable[RawRow], mapping: Mapping) -> Iterator[RawRow]:
    """Yield a row per product with the fields of `FeedRow`. Its number is that of its first record."""
    names, plan = mapping.names(), _Plan.of(mapping)
    current: _Product | None = None
    for record in records:
        if record.fields is None:
            if current:
                yield current.row(names)
            current = None
            yield RawRow(record.number, None, record.why, names, record.values)
            continue
        read = _Reader(plan, record.fields)
        if current and current.has(read):
            current.add(read)
            continue
        if current:
            yield current.row(names)
        current = None
        if parent := read.first("parent"):
            why = RowError(
                "parent",
                gettext_noop(
                    "is a variant of {parent}, which is not above it; sort the feed so that variants follow their "
                    "product"
                ),
                parent=parent,
            )
            yield RawRow(record.number, {"sku": read.first("sku"), "parent_error": why}, "", names)
            continue
        current = _Product(record.number, plan, read)
    if current:
        yield current.row(names)


@dataclass(frozen=True, slots=True)
class _Plan:
    """A mapping, by field: sorted once, not for every record."""

    mapping: Mapping
    columns: dict[str, list[str]]
    attributes: list[tuple[str, str, str]]  # column, label, column that has the label

    @classmethod
    def of(cls, mapping: Mapping) -> _Plan:
        found = {column: ATTRIBUTE.match(to) for column, to in mapping.columns.items()}
        targets = dict.fromkeys(to for column, to in mapping.columns.items() if to and not found[column])
        return cls(
            mapping,
            {target: mapping.of(target) for target in targets},
            [(column, m["label"] or "", m["named_by"] or "") for column, m in found.items() if m],
        )


@dataclass(slots=True)
class _Reader:
    """One record, read by field."""

    plan: _Plan
    record: Any

    def first(self, target: str) -> Any:
        """Return the first filled column of a field; "" if it has none."""
        for column in self.plan.columns.get(target, ()):
            value = self.record.get(column, "")
            if filled(value):
                return value.strip() if isinstance(value, str) else value
        return ""

    def all(self, target: str) -> list[Any]:
        columns = self.plan.columns.get(target, ())
        return [v for column in columns if filled(v := self.record.get(column, ""))]

    def attributes(self, names_in: Any) -> dict[str, Any]:
        """Return the attributes by label; where a row leaves out how a column's is called, `names_in` says it."""
        found: dict[str, Any] = {}
        for column, label, naming in self.plan.attributes:
            if not filled(value := self.record.get(column, "")):
                continue
            label = label or self.record.get(naming) or names_in.get(naming)
            if not isinstance(label, str) or not label.strip():
                continue
            by = self.plan.mapping.layout.attributes_by
            several = isinstance(value, str) and by and by in value
            parts = [part for each in value.split(by) if (part := each.strip())] if several else value
            found[label.strip()] = parts
        return found


def filled(value: Any) -> bool:
    return not (value is None or value in ([], {}) or (isinstance(value, str) and not value.strip()))


@dataclass(slots=True)
class _Product:
    """A product while its rows are read."""

    number: int
    plan: _Plan
    main: _Reader
    variants: list[_Reader] = field(default_factory=list)

    def has(self, read: _Reader) -> bool:
        """Return whether a record is a further row or a variant of this product."""
        if len(self.variants) >= MAX_ROWS:
            return False
        sku, number = str(self.main.first("sku")), str(self.main.first("id"))
        if parent := str(read.first("parent")):
            return parent.casefold() in {sku.casefold(), number.casefold(), f"id:{number}".casefold()} - {
                "",
                "id:",
            }
        return bool(number) and number == str(read.first("id"))

    def add(self, read: _Reader) -> None:
        self.variants.append(read)

    def row(self, names: dict[str, str]) -> RawRow:
        """Return the product's fields: those of its first row, and of the others what that leaves open."""
        fields: dict[str, Any] = {}
        rows = [self.main, *self.variants]
        for target in self.plan.columns:
            if target in {"id", "parent", "image_position"}:
                continue
            if target == "images":
                fields[target] = self._images(rows)
            elif target in {"tags", "active"}:
                values = self.main.all(target)
                fields[target] = [v for each in values for v in (each if isinstance(each, list) else [each])]
            elif target == "availability":
                fields[target] = [value for row in rows if filled(value := row.first(target))]
            elif target != "attributes":
                fields[target] = next((v for row in rows if filled(v := row.first(target))), "")
            else:
                fields[target] = self.main.first(target)
        if self.plan.attributes:
            fields["attribute_columns"] = self._attributes(rows)
        if not filled(fields.get("sku")):
            fields["sku"] = self.main.first("id")
        for name, text in self.plan.mapping.constants.items():
            if not filled(fields.get(name)):
                fields[name] = self._inserted(text)
        if (by := self.plan.mapping.layout.categories_by) and isinstance(fields.get("category"), str):
            fields["category"], others = _deepest(fields["category"], by)
            tags = fields.get("tags", [])
            fields["tags"] = [*(tags if isinstance(tags, list) else [tags]), *others]
        return RawRow(self.number, fields, "", names)

    def _images(self, rows: list[_Reader]) -> list[Any]:
        placed = []
        for place, row in enumerate(rows):
            try:
                position = float(row.first("image_position") or "inf")
            except (TypeError, ValueError):
                position = float("inf")
            placed += [(position, place, image) for image in row.all("images")]
        return [image for *_, image in sorted(placed, key=lambda each: each[:2])]

    def _attributes(self, rows: list[_Reader]) -> dict[str, Any]:
        found: dict[str, dict[str, Any]] = {}  # the values of each label, by how they are written
        for row in rows:
            for label, value in row.attributes(self.main.record).items():
                values = found.setdefault(label, {})
                for each in value if isinstance(value, list) else [value]:
                    values.setdefault(repr(each), each)
        lists = {label: list(values.values()) for label, values in found.items()}
        return {
            label: values[0] if len(values) == 1 else values
            for label, values in lists.items()
            if values != ["Default Title"]  # Shopify's only variant
        }

    def _inserted(self, text: str) -> str:
        """Return a constant with the columns that it names inserted."""
        record = {column_key(column): value for column, value in self.main.record.items()}

        def value(match: re.Match[str]) -> str:
            found = record.get(column_key(match[1]), "")
            return quote(found if isinstance(found, str) else json.dumps(found), safe="")

        return re.sub(r"\{([^{}]{1,200})\}", value, text)


def _deepest(text: str, separator: str) -> tuple[str, list[str]]:
    """Return the longest path of a cell with several, and the last steps of the others."""
    paths = [
        path.replace(f"\\{separator}", separator).strip() for path in re.split(rf"(?<!\\){separator}", text)
    ]
    first = max(paths, key=lambda path: path.count(">"))
    others = [
        path.rpartition(">")[2].strip()
        for path in paths
        if path != first and not first.startswith(f"{path} >")
    ]
    return first, [other for other in others if other]

"""A product as a feed, or a request, gives it: validated, and compared with what is stored.

`FeedRow.images` is what the row says of pictures; `loading.py` reads the files among them.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from ml.errors import gettext_noop
from webapp.catalog.importer.feeds.records import RawRow
from webapp.catalog.importer.feeds.targets import FIELDS
from webapp.catalog.importer.findings import RowError
from webapp.catalog.importer.values.attributes import MAX_ATTRIBUTES, Value, attributes_read
from webapp.catalog.importer.values.availability import BEST_FIRST, availability_read
from webapp.catalog.importer.values.categories import category_read, path_slugs
from webapp.catalog.importer.values.gtin import gtin_read
from webapp.catalog.importer.values.links import MAX_IMAGES, images_read, link_read
from webapp.catalog.importer.values.money import currency_read, price_read
from webapp.catalog.importer.values.sales import on_sale_now
from webapp.catalog.importer.values.texts import (
    Warned,
    active_read,
    description_read,
    tags_read,
    text_read,
    text_reader,
)
from webapp.catalog.models import SKU_PATTERN, Product


@dataclass(frozen=True, slots=True)
class FeedRow:
    """A valid row, except that its pictures have not been read.

    images: file names and http(s) addresses, the main picture first; empty: those that are stored. given: the fields that
    the row has; the others stay as they are stored. warnings: why values were left out. labels: of
    attributes' keys. kept_category: the slug of the stored one, for rows that give none. columns: how the feed calls the
    fields.
    """

    number: int
    sku: str
    name: str = ""
    category: tuple[str, ...] = ()
    images: tuple[str, ...] = ()
    description: str = ""
    link: str = ""
    price: Decimal | None = None
    currency: str = ""
    availability: str = ""
    brand: str = ""
    gtin: str = ""
    tags: tuple[str, ...] = ()
    licence: str = ""
    author: str = ""
    source: str = ""
    active: bool = True
    attributes: Mapping[str, Value] = field(default_factory=dict)
    given: frozenset[str] = frozenset()
    labels: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[RowError, ...] = ()
    kept_category: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)

    @property
    def category_slug(self) -> str:
        """The slug of the product's category."""
        return path_slugs(self.category)[-1] if self.category else self.kept_category

    def column(self, name: str) -> str:
        """Return how the feed calls a field."""
        return self.columns.get(name, name)

    def over(self, product: Product) -> FeedRow:
        """Return the row with what it does not give taken from the stored product."""
        stored: dict[str, Any] = {name: getattr(product, name) for name in STORED if name not in self.given}
        if "tags" in stored:
            stored["tags"] = tuple(stored["tags"])
        return replace(self, **stored, kept_category=product.category.slug)

    def fingerprint(self, photos: str, version: int) -> str:
        """Return a SHA-256 of everything that an import stores of the row: equal means that nothing has changed.

        photos: what identifies its pictures, such as their SHA-256s.
        """
        stored = [
            self.sku,
            self.name,
            self.category_slug,
            self.licence,
            self.author,
            self.source,
        ]
        # Fields that came later count only where they are filled, so that older fingerprints stay valid.
        later = {
            "description": self.description,
            "link": self.link,
            "price": f"{self.price.normalize():f} {self.currency}" if self.price is not None else "",
            "availability": self.availability,
            "brand": self.brand,
            "gtin": self.gtin,
            "tags": list(self.tags),
        }
        filled = [[key, value] for key, value in later.items() if value]
        content = [version, photos, *stored, self.active, sorted(self.attributes.items()), *filled]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()


STORED = (
    "name",
    "description",
    "link",
    "price",
    "currency",
    "availability",
    "brand",
    "gtin",
    "tags",
    "licence",
    "author",
    "source",
    "active",
    "attributes",
)


def row_validate(raw: RawRow) -> FeedRow:
    """Return the validated row. Raises RowError naming the first field that is wrong."""
    if raw.fields is None:
        raise RowError("row", raw.why, **raw.values)
    fields = {key: value for key, value in raw.fields.items() if isinstance(key, str)}
    if "parent_error" in fields:
        raise fields["parent_error"]
    if "unknown_field" in fields:
        raise RowError(
            fields["unknown_field"][:80],
            gettext_noop("no such field; there are {names}"),
            names=", ".join(FIELDS),
        )
    warnings: Warned = list(raw.warnings)
    values: dict[str, Any] = {name: read(fields[name]) for name, read in _TEXTS.items() if name in fields}
    if "sku" not in values:
        raise RowError("sku", gettext_noop("missing"))
    if "category" in fields:
        values["category"] = category_read(fields["category"])
        if not values["category"]:
            raise RowError(
                "category", gettext_noop("missing; write its name, or the path to it: Furniture > Chairs")
            )
    if images := images_read(fields.get("images")):
        if len(images) > MAX_IMAGES:
            warnings.append(
                RowError(
                    "images",
                    gettext_noop("{n} pictures; the first {max} are used"),
                    n=len(images),
                    max=MAX_IMAGES,
                )
            )
        values["images"] = tuple(images[:MAX_IMAGES])
    if "description" in fields:
        values["description"] = description_read(fields["description"], warnings)
    if fields.keys() & {"price", "sale_price"}:
        values |= _price(fields)
    if "availability" in fields:
        values["availability"] = _checked(warnings, _availability, fields["availability"])
    if "gtin" in fields:
        values["gtin"] = _checked(warnings, gtin_read, text_read(fields["gtin"], "gtin", 60))
    if "link" in fields:
        values["link"] = link_read(text_read(fields["link"], "link", 4_000))
    if "tags" in fields:
        values["tags"] = tags_read(fields["tags"], warnings)
    if "active" in fields:
        values["active"] = active_read(fields["active"])
    elif {"name", "category"} <= values.keys():
        values["active"] = True  # a whole row sells its product; one of prices alone changes nothing
    if fields.keys() & {"attributes", "attribute_columns"}:
        values["attributes"], values["labels"] = _attributes(fields)
    return FeedRow(
        number=raw.number,
        columns=raw.columns,
        warnings=tuple(warnings),
        given=frozenset(values) & (FIELDS.keys() | {"images"}),
        **values,
    )


def sku_of(raw: RawRow) -> str:
    """Return the SKU of a row that may be invalid, for a finding; empty if the SKU is invalid too."""
    try:
        return _sku((raw.fields or {}).get("sku", ""))
    except RowError:
        return ""


def _sku(value: Any) -> str:
    sku = text_read(value, "sku", 64, required=True)
    if not re.match(SKU_PATTERN, sku):
        raise RowError(
            "sku",
            gettext_noop("{sku!r}: must start with a letter or digit and have only printable characters"),
            sku=sku,
        )
    return sku


_TEXTS: dict[str, Callable[[Any], str]] = {
    "sku": _sku,
    "name": text_reader("name", 200, required=True),
    "brand": text_reader("brand", 120),
    "licence": text_reader("licence", 200),
    "author": text_reader("author", 200),
    "source": text_reader("source", 500),
}


def _checked(warnings: Warned, read: Callable[[Any], str], value: Any) -> str:
    """Return what `read` makes of a value; a wrong one is a warning and left out."""
    try:
        return read(value)
    except RowError as error:
        warnings.append(RowError(error.field, gettext_noop("{why}; it is left out"), why=error))
        return ""


def _price(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return amount and currency: of the reduced price while it holds."""
    currency = currency_read(text_read(fields.get("currency"), "currency", 20))
    price = price_read(fields.get("price"), currency)
    reduced = price_read(fields.get("sale_price"), currency, "sale_price")
    if reduced and (price is None or reduced[0] < price[0]) and on_sale_now(fields.get("sale_dates")):
        price = reduced
    return {"price": price[0], "currency": price[1]} if price else {"price": None, "currency": ""}


def _availability(value: Any) -> str:
    found = [availability_read(each) for each in (value if isinstance(value, list) else [value])]
    return min(found, key=BEST_FIRST.index, default="")  # of a product's variants


def _attributes(fields: Mapping[str, Any]) -> tuple[dict[str, Value], dict[str, str]]:
    whole, labels = attributes_read(fields.get("attributes"))
    columns, more = attributes_read(fields.get("attribute_columns"))
    both = {**whole, **columns}
    if len(both) > MAX_ATTRIBUTES:
        raise RowError(
            "attributes", gettext_noop("{n} attributes, at most {max}"), n=len(both), max=MAX_ATTRIBUTES
        )
    return dict(sorted(both.items())), {**labels, **more}

"""Validate a raw row: the length of every text, the form of every name."""

from __future__ import annotations

import hashlib
import json
import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.text import slugify

from webapp.catalog.importer.feed import RawRow
from webapp.catalog.importer.findings import RowError
from webapp.catalog.models import SKU_PATTERN
from webapp.input.parsing import parse_json
from webapp.input.text import InputError

ATTRIBUTE_PREFIX = "attr."
MAX_ATTRIBUTES = 50
Scalar = str | int | float | bool


@dataclass(frozen=True, slots=True)
class FeedRow:
    """A row that is valid, except that its picture has not been read."""

    number: int
    sku: str
    name: str
    category_slug: str
    category_name: str
    photo: str
    licence: str = ""
    author: str = ""
    source: str = ""
    active: bool = True
    attributes: Mapping[str, Scalar] = field(default_factory=dict)

    def fingerprint(self, photo_sha256: str, version: int) -> str:
        """Return a SHA-256 of everything that an import stores of the row: equal means that nothing has changed."""
        stored = [
            self.sku,
            self.name,
            self.category_slug,
            self.licence,
            self.author,
            self.source,
            self.active,
        ]
        text = json.dumps([version, photo_sha256, *stored, sorted(self.attributes.items())])
        return hashlib.sha256(text.encode()).hexdigest()


def row_validate(raw: RawRow) -> FeedRow:
    """Return the validated row. Raises RowError naming the first field that is wrong."""
    if raw.fields is None:
        raise RowError("row", raw.why)
    fields = {key: value for key, value in raw.fields.items() if isinstance(key, str)}
    sku = _text(fields, "sku", 64)
    if not re.match(SKU_PATTERN, sku):
        raise RowError(
            "sku", f"{sku!r}: only letters, digits and . _ : + - are allowed, starting with a letter or digit"
        )
    category = _text(fields, "category", 80)
    slug = slugify(category)
    if not slug:
        raise RowError("category", f"{category!r} has no letter or digit to use in an address")
    return FeedRow(
        number=raw.number,
        sku=sku,
        name=_text(fields, "name", 200),
        category_slug=slug[:80],
        category_name=category,
        photo=_text(fields, "photo", 300),
        licence=_text(fields, "licence", 200, required=False),
        author=_text(fields, "author", 200, required=False),
        source=_text(fields, "source", 500, required=False),
        active=_active(fields.get("active")),
        attributes=_attributes(fields),
    )


def sku_of(raw: RawRow) -> str:
    """Return the SKU of a row that may be invalid, for a finding; empty if the SKU is invalid too."""
    sku = str((raw.fields or {}).get("sku", "")).strip()
    return sku if re.match(SKU_PATTERN, sku) else ""


def _text(fields: Mapping[str, Any], name: str, max_length: int, *, required: bool = True) -> str:
    value = fields.get(name)
    if value is None:
        value = ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise RowError(name, f"{type(value).__name__}, expected a text")
    text = unicodedata.normalize("NFC", str(value)).strip()
    if required and not text:
        raise RowError(name, "missing")
    if len(text) > max_length:
        raise RowError(name, f"{len(text)} characters, at most {max_length}")
    _check_characters(name, text)
    return text


def _check_characters(name: str, text: str) -> None:
    for character in text:
        if unicodedata.category(character) in {"Cc", "Cs"}:
            raise RowError(name, f"control character U+{ord(character):04X}")


def _active(value: Any) -> bool:
    if value is None or value == "" or value is True:
        return True
    word = str(value).strip().lower()
    if word in {"1", "true", "yes"}:
        return True
    if word in {"0", "false", "no"}:
        return False
    raise RowError("active", f"{word[:20]!r} is neither true nor false")


def _attributes(fields: Mapping[str, Any]) -> dict[str, Scalar]:
    """Return attributes from columns such as `attr.width_cm` of a CSV and the object `attributes` of a JSON row."""
    given = fields.get("attributes") or {}
    if isinstance(given, str):
        try:
            given = parse_json(given, "attributes")
        except InputError as error:
            raise RowError("attributes", f"not a JSON object: {error}") from error
    if not isinstance(given, dict):
        raise RowError("attributes", "not a JSON object")
    columns = {
        key[len(ATTRIBUTE_PREFIX) :]: fields[key] for key in fields if key.startswith(ATTRIBUTE_PREFIX)
    }
    both = {**given, **{key: value for key, value in columns.items() if value != ""}}
    if len(both) > MAX_ATTRIBUTES:
        raise RowError("attributes", f"{len(both)} attributes, at most {MAX_ATTRIBUTES}")
    return {key: _scalar(key, value) for key, value in sorted(both.items())}


def _scalar(key: str, value: Any) -> Scalar:
    name = f"attributes.{key[:40]}"
    if not re.match(r"[a-z][a-z0-9_]{0,39}\Z", key):
        raise RowError(name, "keys have at most 40 lower-case letters, digits and _")
    if isinstance(value, str):
        if len(value) > 500:
            raise RowError(name, f"{len(value)} characters, at most 500")
        _check_characters(name, value)
        return value
    if not isinstance(value, bool | int | float) or (isinstance(value, float) and not math.isfinite(value)):
        raise RowError(name, "not a text, a number, true or false")
    if isinstance(value, int) and abs(value) >= 2**53:
        raise RowError(name, "a number above 2^53")
    return value

"""Further attributes: a key for databases and addresses, its label in the feed, and a value or a list of them."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.text import slugify

from ml.errors import gettext_noop
from webapp.catalog.importer.findings import RowError
from webapp.catalog.importer.values.markup import one_line
from webapp.catalog.importer.values.texts import text_composed
from webapp.input.parsing import parse_json
from webapp.input.text import InputError, text_fault

Scalar = str | int | float | bool
Value = Scalar | list[Scalar]
MAX_ATTRIBUTES, MAX_LIST, MAX_TEXT = 50, 50, 500


def attribute_key(label: str) -> str:
    """Return the key of an attribute: lower-case ASCII letters, digits and _, or a digest for other scripts."""
    plain = slugify(label).replace("-", "_").strip("_")[:40]
    if not plain or not plain[0].isalpha() or sum(map(str.isalpha, label)) > 2 * sum(map(str.isalpha, plain)):
        plain = f"a_{hashlib.sha256(label.encode()).hexdigest()[:12]}"
    return plain


def attributes_read(value: Any, field: str = "attributes") -> tuple[dict[str, Value], dict[str, str]]:
    """Return the attributes by key, and the labels of keys whose label says more.

    value: an object, JSON of one, or a list of {"name", "value"}, as several systems write it. Empty ones are left out.
    """
    attributes: dict[str, Value] = {}
    labels: dict[str, str] = {}
    for label, each in _pairs(value, field):
        if len(label) > MAX_TEXT:
            raise RowError(
                f"{field}.{label[:40]}",
                gettext_noop("a name of {n} characters, at most {max}"),
                n=len(label),
                max=MAX_TEXT,
            )
        key = label if re.fullmatch(r"[a-z][a-z0-9_]{0,39}", label) else attribute_key(label)
        read = _value(f"{field}.{label[:40]}", each)
        if read in ("", []):
            continue
        attributes[key] = read
        if key != label:
            labels[key] = one_line(label)[:80]
    if len(attributes) > MAX_ATTRIBUTES:
        raise RowError(
            field,
            gettext_noop("{n} attributes, at most {max}; leave out some of them"),
            n=len(attributes),
            max=MAX_ATTRIBUTES,
        )
    return dict(sorted(attributes.items())), labels


def _pairs(value: Any, field: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, str) and value.strip():
        try:
            value = parse_json(value, field)
        except InputError as error:
            raise RowError(field, gettext_noop("not a JSON object: {why}"), why=error) from error
    if not value:
        return
    if isinstance(value, Mapping) and not ("attribute_name" in value or {"name", "values"} <= set(value)):
        yield from ((str(key), each) for key, each in value.items() if isinstance(each, bool) or each != "")
        return
    for each in value if isinstance(value, list) else [value]:
        if not isinstance(each, Mapping):
            raise RowError(field, gettext_noop("not a JSON object"))
        label = each.get("name") or each.get("attribute_name")
        if not isinstance(label, str):
            raise RowError(field, gettext_noop("an attribute has no name"))
        yield label, each.get("value", each.get("values", each.get("attribute_value", "")))


def _value(field: str, value: Any) -> Value:
    if isinstance(value, list):
        if len(value) > MAX_LIST:
            raise RowError(field, gettext_noop("{n} values, at most {max}"), n=len(value), max=MAX_LIST)
        return list(dict.fromkeys(_scalar(field, each) for each in value))
    return _scalar(field, value)


def _scalar(field: str, value: Any) -> Scalar:
    if isinstance(value, str):
        if len(value) > MAX_TEXT:
            raise RowError(field, gettext_noop("{n} characters, at most {max}"), n=len(value), max=MAX_TEXT)
        if fault := text_fault(value):
            raise RowError(field, fault)
        return text_composed(one_line(value), field)
    if value is None:
        return ""
    if not isinstance(value, bool | int | float) or (isinstance(value, float) and not math.isfinite(value)):
        raise RowError(field, gettext_noop("not a text, a number, true or false, or a list of these"))
    if isinstance(value, int) and abs(value) >= 2**53:
        raise RowError(field, gettext_noop("a number above 2^53"))
    return value

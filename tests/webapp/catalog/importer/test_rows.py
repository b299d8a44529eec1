"""The validation of a raw row."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.catalog.importer.feed import RawRow
from webapp.catalog.importer.findings import RowError
from webapp.catalog.importer.rows import row_validate

GOOD = {"sku": "A-1", "name": "Stool", "category": "Bar stools", "photo": "a.png"}


def _row(**fields: Any) -> Any:
    return row_validate(RawRow(1, {**GOOD, **fields}))


def test_complete_row() -> None:
    row = _row(
        name="  Höcker ",
        licence="CC0",
        active="no",
        attributes={"width_cm": 40, "colour": "red"},
        **{"attr.height_cm": "75", "attr.depth_cm": ""},
    )
    assert row.name == "Höcker"
    assert (row.category_slug, row.category_name) == ("bar-stools", "Bar stools")
    assert not row.active
    assert row.attributes == {"width_cm": 40, "colour": "red", "height_cm": "75"}


@pytest.mark.parametrize(
    ("fields", "field", "why"),
    [
        ({"sku": ""}, "sku", "missing"),
        ({"sku": None}, "sku", "missing"),
        ({"sku": "../x"}, "sku", "letters"),
        ({"sku": "a\n"}, "name", None),
        ({"sku": "a" * 65}, "sku", "at most 64"),
        ({"sku": ["a"]}, "sku", "list"),
        ({"sku": True}, "sku", "bool"),
        ({"name": "a\x00b"}, "name", r"U\+0000"),
        ({"name": "\ud800"}, "name", r"U\+D800"),
        ({"name": "x" * 201}, "name", "at most 200"),
        ({"category": "!!!"}, "category", "no letter"),
        ({"photo": ""}, "photo", "missing"),
        ({"active": "perhaps"}, "active", "neither"),
        ({"attributes": [1]}, "attributes", "object"),
        ({"attributes": "{"}, "attributes", "not JSON"),
        ({"attributes": {"Width": 1}}, "attributes.Width", "lower-case"),
        ({"attributes": {"a": float("nan")}}, "attributes.a", "number"),
        ({"attributes": {"a": 10**400}}, "attributes.a", "2\\^53"),
        ({"attributes": {"a": "x" * 501}}, "attributes.a", "at most 500"),
        ({"attributes": {"a": {"b": 1}}}, "attributes.a", "not a text"),
        ({"attributes": {f"a{n}": n for n in range(51)}}, "attributes", "at most 50"),
    ],
)
def test_invalid_field_is_named(fields: Any, field: str, why: str | None) -> None:
    if why is None:  # only looks wrong: spaces around a value are stripped
        assert _row(**fields).sku == "a"
        return
    with pytest.raises(RowError, match=why) as error:
        _row(**fields)
    assert error.value.field == field


def test_fingerprint_reflects_every_stored_difference() -> None:
    base = _row().fingerprint("0" * 64, 1)
    assert _row().fingerprint("0" * 64, 1) == base
    others = [
        _row().fingerprint("1" * 64, 1),
        _row().fingerprint("0" * 64, 2),
        _row(name="Stools").fingerprint("0" * 64, 1),
        _row(category="Stools").fingerprint("0" * 64, 1),
        _row(active="0").fingerprint("0" * 64, 1),
        _row(attributes={"a": 1}).fingerprint("0" * 64, 1),
        _row(attributes={"a": "1"}).fingerprint("0" * 64, 1),
        _row(licence="x").fingerprint("0" * 64, 1),
        _row(author="x").fingerprint("0" * 64, 1),
    ]
    assert len({base, *others}) == 1 + len(others)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from([*GOOD, "active", "attributes", "attr.x", "licence"]), anything))
def test_any_row_is_accepted_or_refused_with_a_field(fields: Any) -> None:
    try:
        row = row_validate(RawRow(1, {**GOOD, **fields}))
    except RowError as error:
        assert str(error) == f"{error.field}: {error.message}" != ": "  # noqa: PT017
    else:
        assert row.sku
        assert row.name
        assert row.category_slug

"""The validation of a raw row."""

from __future__ import annotations

import contextlib
import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.catalog.importer.feeds.records import RawRow
from webapp.catalog.importer.findings import RowError
from webapp.catalog.importer.rows import row_validate

GOOD = {"sku": "A-1", "name": "Stool", "category": "Bar stools", "images": "a.png"}


def _row(**fields: Any) -> Any:
    return row_validate(RawRow(1, {**GOOD, **fields}))


def test_complete_row() -> None:
    row = _row(
        name="  Höcker ",
        licence="CC0",
        active="no",
        attributes={"width_cm": 40, "colour": "red"},
        attribute_columns={"height_cm": "75", "depth_cm": "", "Sitzhöhe": ["45", "47"]},
    )
    assert row.name == "Höcker"
    assert (row.category_slug, row.category) == ("bar-stools", ("Bar stools",))
    assert row.images == ("a.png",)
    assert not row.active
    assert row.attributes == {"width_cm": 40, "colour": "red", "height_cm": "75", "sitzhohe": ["45", "47"]}
    assert row.labels == {"sitzhohe": "Sitzhöhe"}


@pytest.mark.parametrize(
    ("fields", "field", "why"),
    [
        ({"sku": ""}, "sku", "missing"),
        ({"sku": None}, "sku", "missing"),
        ({"sku": "../x"}, "sku", "letter"),
        ({"sku": "a\n"}, "name", None),
        ({"sku": "a" * 65}, "sku", "at most 64"),
        ({"sku": ["a"]}, "sku", "list"),
        ({"sku": True}, "sku", "bool"),
        ({"name": "a\x00b"}, "name", r"U\+0000"),
        ({"name": "a" + "\u0300\u0316" * 50}, "name", "combining marks"),
        ({"description": "a" + "\u0300\u0316" * 100_000}, "description", "combining marks"),
        ({"description": "x" * 1_000_001}, "description", "at most 1000000"),
        ({"attributes": {"a": "a" + "\u0300\u0316" * 50}}, "attributes.a", "combining marks"),
        ({"attributes": {"a" * 501: 1}}, f"attributes.{'a' * 40}", "at most 500"),
        ({"images": "https://x.example/a.jpg" + " " * 100_000 + "y"}, "images", "at most"),
        ({"name": "\ud800"}, "name", r"U\+D800"),
        ({"name": "x" * 201}, "name", "at most 200"),
        ({"category": "!!!"}, "category", "no letter"),
        ({"images": 7}, "images", "expected the name"),
        ({"link": "javascript:alert(1)"}, "link", "https://"),
        ({"link": "//shop.example"}, "link", "https://"),
        ({"link": "https://1.2.3.4.5/"}, "link", "no address"),
        ({"link": "https://256.1.1.1/"}, "link", "no address"),
        ({"link": "https://a%zz.example/"}, "link", "no address"),
        ({"link": "https://%/"}, "link", "no address"),
        ({"link": "https://a^b.com/"}, "link", "no address"),
        ({"link": "https://a..example/"}, "link", "no address"),
        ({"link": "https://[::1%25eth0]/"}, "link", "no address"),
        ({"link": "https://shop.example:99999/"}, "link", "no address"),
        ({"price": "5"}, "price", "no currency"),
        ({"price": [5]}, "price", "list"),
        ({"tags": {"a": 1}}, "tags", "expected words"),
        ({"category": " > ".join("abcdefghi")}, "category", "at most 8"),
        ({"active": "perhaps"}, "active", "neither"),
        ({"attributes": [1]}, "attributes", "object"),
        ({"attributes": "{"}, "attributes", "not JSON"),
        ({"attributes": {"a": float("nan")}}, "attributes.a", "number"),
        ({"attributes": {"a": 10**400}}, "attributes.a", "2\\^53"),
        ({"attributes": {"a": "x" * 501}}, "attributes.a", "at most 500"),
        ({"attributes": {"a": {"b": 1}}}, "attributes.a", "not a text"),
        ({"attributes": {"a": ["x"] * 51}}, "attributes.a", "at most 50"),
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


@pytest.mark.parametrize(
    "link",
    [
        "https://shop.example/a?b=c#d",
        "http://192.168.0.1:8000/",
        "https://[2001:db8::1]/",
        "https://bücher.example/ü",
        "https://my_shop.example./",
        "https://123.example/",
    ],
)
def test_addresses_that_browsers_open_are_kept(link: str) -> None:
    assert _row(link=link).link == link


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
        _row(description="x").fingerprint("0" * 64, 1),
        _row(link="https://shop.example/x").fingerprint("0" * 64, 1),
        _row(price="1 EUR").fingerprint("0" * 64, 1),
        _row(price="1 USD").fingerprint("0" * 64, 1),
        _row(availability="preorder").fingerprint("0" * 64, 1),
        _row(brand="x").fingerprint("0" * 64, 1),
        _row(gtin="4006381333931").fingerprint("0" * 64, 1),
        _row(tags="x").fingerprint("0" * 64, 1),
        _row(category="Stools > Bar stools").fingerprint("0" * 64, 1),
    ]
    assert len({base, *others}) == 1 + len(others)


def test_fingerprints_of_earlier_releases_stay_valid() -> None:
    """A row without the fields of shops is not imported again after an upgrade."""
    stored = [1, "0" * 64, "A-1", "Stool", "bar-stools", "CC0", "", "", True, [("width_cm", 40)]]
    row = _row(licence="CC0", attributes={"width_cm": 40})
    assert row.fingerprint("0" * 64, 1) == hashlib.sha256(json.dumps(stored).encode()).hexdigest()


def test_images_and_tags_in_every_form() -> None:
    both = ("https://x.example/a,b.jpg", "https://x.example/c.jpg")
    for given_as in (
        list(both),
        ", ".join(both),
        " ".join(both),
        [{"src": both[0]}, {"image": {"url": both[1]}}],
    ):
        assert _row(images=given_as).images == both
    assert _row(images="a.jpg | b.png").images == ("a.jpg", "b.png")
    assert _row(images=f"{both[0]},,  {both[1]} ;").images == both
    assert _row(images="a.jpg, https://x.example/b.jpg").images == ("a.jpg", "https://x.example/b.jpg")
    assert _row(images="one, two.jpg").images == ("one, two.jpg",)  # a file's name with a comma
    assert _row(tags="a, b;a|c").tags == _row(tags=["a", "b", "c"]).tags == ("a", "b", "c")


@pytest.mark.parametrize("start", ["https://x.example/a.jpg", "a.jpg"])
@pytest.mark.parametrize("filling", [" ", ", ", " ,", "https://", "a.jpg", ".jpg"])
def test_a_long_cell_of_pictures_is_read_at_once(start: str, filling: str) -> None:
    with contextlib.suppress(RowError):
        _row(images=start + filling * (60_000 // len(filling)) + "y")


def test_slugs_of_paths_are_apart() -> None:
    paths = ["A > B", "A B", "A-B", "Größe", "Стулья", "Столы", "Стулья > 2024", "Столы > 2024"]
    slugs = [_row(category=path).category_slug for path in paths]
    assert slugs[:3] == ["a--b", "a-b", "a-b"]
    assert len(set(slugs)) == len(paths) - 1
    assert all(len(_row(category=" > ".join([letter * 79] * 3)).category_slug) == 80 for letter in "aя")


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(
    st.dictionaries(
        st.sampled_from(
            [*GOOD, "active", "attributes", "licence", "price", "link", "tags", "gtin", "availability"]
        ),
        anything,
    )
)
def test_any_row_is_accepted_or_refused_with_a_field(fields: Any) -> None:
    try:
        row = row_validate(RawRow(1, {**GOOD, **fields}))
    except RowError as error:
        assert str(error) == f"{error.field}: {error.message}" != ": "  # noqa: PT017
    else:
        assert row.sku
        assert row.name
        assert row.category_slug

"""Records put together as products."""

from __future__ import annotations

from webapp.catalog.importer.feeds.mapping import mapping_of
from webapp.catalog.importer.feeds.products import product_rows
from webapp.catalog.importer.feeds.records import RawRow

WOOCOMMERCE = (
    "ID",
    "Type",
    "SKU",
    "Name",
    "Categories",
    "Images",
    "Attribute 1 name",
    "Attribute 1 value(s)",
)


def test_an_attribute_with_very_many_values_is_read_once() -> None:
    """Comparing each value with all others takes minutes."""
    values = [str(number) for number in range(30_000)]
    record = ["1", "simple", "A", "Stool", "Stools", "a.png", "Size", ", ".join([*values, "7"])]
    mapping = mapping_of(WOOCOMMERCE)
    (row,) = product_rows([RawRow(1, dict(zip(WOOCOMMERCE, record, strict=True)))], mapping)
    assert (row.fields or {})["attribute_columns"] == {"Size": values}


def test_tags_given_for_a_feed_stand_beside_those_of_further_categories() -> None:
    record = ["1", "simple", "A", "Stool", "Stools > High, Sale", "a.png", "", ""]
    mapping = mapping_of(WOOCOMMERCE, {"constants": {"tags": "new, low"}})
    (row,) = product_rows([RawRow(1, dict(zip(WOOCOMMERCE, record, strict=True)))], mapping)
    assert (row.fields or {})["tags"] == ["new, low", "Sale"]

"""The layouts in which shop systems export, recognised by their header.

The names of columns are those that the systems document: Shopify's product CSV, WooCommerce's product export in English
and German, Google Merchant's product data specification.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from webapp.catalog.importer.feeds.targets import ATTRIBUTE, column_key


@dataclass(frozen=True, slots=True)
class Layout:
    """A layout: `columns` map to fields, in the order in which the first filled one counts.

    signature: the layout is recognised by all columns of one of these. patterns: for numbered columns; `{1}` is what
    the expression found. categories_by, attributes_by: what separates several categories or values in one cell.
    has_currency: whether its prices say it.
    """

    name: str
    title: str
    signature: tuple[tuple[str, ...], ...]
    columns: Mapping[str, str]
    patterns: Sequence[tuple[re.Pattern[str], str]] = ()
    categories_by: str = ""
    attributes_by: str = ""
    has_currency: bool = True
    help: str = ""

    def target_of(self, column: str) -> str:
        """Return the field of a column of the feed; empty if it is not imported."""
        key = column_key(column)
        if key in self.columns:
            return self.columns[key]
        for pattern, target in self.patterns:
            if found := pattern.match(column):
                return target.replace("{1}", found[1])
        return ""

    def rank(self, column: str) -> int:
        """Return the place of a column among those of the same field."""
        keys = list(self.columns)
        key = column_key(column)
        return keys.index(key) if key in self.columns else len(keys)


def recognised(header: Iterable[str]) -> Layout:
    """Return the layout of a header: the first whose signature it has, otherwise `TABLE`."""
    keys = {column_key(name) for name in header}
    for layout in LAYOUTS.values():
        if any(keys.issuperset(names) for names in layout.signature):
            return layout
    return TABLE


SHOPIFY = Layout(
    name="shopify",
    title="Shopify product CSV",
    signature=(
        ("handle", "title", "body_(html)"),
        ("handle", "title", "variant_price"),
        ("url_handle", "title"),
    ),
    columns={
        "handle": "id",
        "url_handle": "id",
        "title": "name",
        "product_category": "category",
        "custom_product_type": "category",
        "type": "category",
        "image_src": "images",
        "product_image_url": "images",
        "image_position": "image_position",
        "body_(html)": "description",
        "description": "description",
        "vendor": "brand",
        "tags": "tags",
        "published": "active",
        "published_on_online_store": "active",
        "status": "active",
        "variant_price": "price",
        "price": "price",
        "variant_inventory_qty": "availability",
        "inventory_quantity": "availability",
        "variant_barcode": "gtin",
        "barcode": "gtin",
        "variant_sku": "attr.Variant SKU",
        "sku": "attr.Variant SKU",
    },
    patterns=[
        (re.compile(r"(?i)(Option\d+) Value\Z"), "attr.{{1} Name}"),
        (re.compile(r"(?i)(.{1,80}) \(product\.metafields\..*\)\Z"), "attr.{1}"),
    ],
    attributes_by=";",
    has_currency=False,
    help="A product's number is its handle. Prices have no currency: give it.",
)

WOOCOMMERCE = Layout(
    name="woocommerce",
    title="WooCommerce product CSV",
    signature=(
        ("id", "type", "sku", "name", "regular_price"),
        ("id", "typ", "artikelnummer", "name", "regulärer_preis"),
        ("type", "sku", "name", "categories", "images"),
    ),
    columns={
        "sku": "sku",
        "artikelnummer": "sku",
        "id": "id",
        "parent": "parent",
        "übergeordnetes_produkt": "parent",
        "name": "name",
        "categories": "category",
        "kategorien": "category",
        "images": "images",
        "bilder": "images",
        "description": "description",
        "beschreibung": "description",
        "short_description": "description",
        "kurzbeschreibung": "description",
        "regular_price": "price",
        "regulärer_preis": "price",
        "sale_price": "sale_price",
        "angebotspreis": "sale_price",
        "in_stock?": "availability",
        "vorrätig?": "availability",
        "published": "active",
        "veröffentlicht": "active",
        "tags": "tags",
        "schlagwörter": "tags",
        "brands": "brand",
        "marken": "brand",
        "gtin,_upc,_ean,_or_isbn": "gtin",
        "gtin,_upc,_ean_oder_isbn": "gtin",
        "external_url": "link",
        "externe_url": "link",
        "weight_(kg)": "attr.Weight kg",
        "length_(cm)": "attr.Length cm",
        "width_(cm)": "attr.Width cm",
        "height_(cm)": "attr.Height cm",
    },
    patterns=[
        (re.compile(r"(?i)(Attribute \d+) value\(s\)\Z"), "attr.{{1} name}"),
        (re.compile(r"(?i)Attribut (\d+) Wert\(e\)\Z"), "attr.{Attribut {1} Name}"),
    ],
    categories_by=",",
    attributes_by=",",
    has_currency=False,
    help="Variations belong to their product. Prices have no currency: give it.",
)

GOOGLE = Layout(
    name="google",
    title="Google Merchant product data",
    signature=(("id", "title", "image_link"), ("id", "title", "availability", "price")),
    columns={
        "id": "sku",
        "title": "name",
        "product_type": "category",
        "google_product_category": "category",
        "image_link": "images",
        "additional_image_link": "images",
        "description": "description",
        "link": "link",
        "price": "price",
        "sale_price": "sale_price",
        "sale_price_effective_date": "sale_dates",
        "availability": "availability",
        "brand": "brand",
        "gtin": "gtin",
        "mpn": "attr.MPN",
        "color": "attr.Color",
        "material": "attr.Material",
        "pattern": "attr.Pattern",
        "size": "attr.Size",
        "gender": "attr.Gender",
        "age_group": "attr.Age group",
        "product_detail": "attributes",
    },
)

SHOPIFY_JSON = Layout(
    name="shopify-json",
    title="Shopify products.json",
    signature=(("handle", "title", "body_html"),),
    columns={
        "handle": "id",
        "title": "name",
        "product_type": "category",
        "images": "images",
        "image": "images",
        "body_html": "description",
        "vendor": "brand",
        "tags": "tags",
        "status": "active",
        "variants.price": "price",
        "variants.available": "availability",
        "variants.sku": "attr.Variant SKU",
        "options": "attributes",
    },
    has_currency=False,
    help="A product's number is its handle. Prices have no currency: give it.",
)

_USUAL = {
    "sku": "sku artikelnummer artikel_nr artikelnr article_number item_number product_number product_sku code "
    "product_id productid id handle",
    "name": "name title titel product_name produktname bezeichnung artikelbezeichnung",
    "category": "category categories kategorie kategorien category_path kategoriepfad product_category product_type "
    "warengruppe",
    "images": "photo image images picture pictures photos foto fotos bild bilder image_url image_urls bild_url "
    "image_link image_src main_image additional_images additional_image_link additional_image_urls",
    "description": "description beschreibung body long_description short_description",
    "link": "link url product_url produkt_url product_link permalink deeplink",
    "price": "price preis vk price.amount price.value regular_price",
    "sale_price": "sale_price angebotspreis special_price",
    "currency": "currency währung waehrung price.currency currency_code price_currency",
    "availability": "availability verfügbarkeit verfuegbarkeit stock bestand lagerbestand in_stock quantity qty",
    "brand": "brand marke hersteller manufacturer vendor brand.name",
    "gtin": "gtin ean upc isbn barcode gtin13 gtin14 ean13",
    "tags": "tags schlagwörter schlagworte keywords",
    "licence": "licence license lizenz",
    "author": "author",
    "source": "source",
    "active": "active aktiv published",
    "attributes": "attributes attribute eigenschaften",
}

TABLE = Layout(
    name="table",
    title="Columns with usual names",
    signature=(),
    columns={key: target for target, keys in _USUAL.items() for key in keys.split()},
    patterns=[(re.compile(r"(?i)attr\.(.{1,200})\Z"), "attr.{1}")],
    help="Columns are recognised by usual English and German names; attr.NAME is an attribute.",
)

LAYOUTS = {layout.name: layout for layout in (SHOPIFY, WOOCOMMERCE, SHOPIFY_JSON, GOOGLE, TABLE)}


def targets_of(layout: Layout, header: Sequence[str]) -> dict[str, str]:
    """Return the field of each column, as `layout` has it; those of attributes only if their naming column is there."""
    by_key = {column_key(name): name for name in header}
    targets = {}
    for column in header:
        target = layout.target_of(column)
        found = ATTRIBUTE.match(target)
        if found and found["named_by"]:
            naming = by_key.get(column_key(found["named_by"]))
            target = f"attr.{{{naming}}}" if naming else ""
        targets[column] = target
    return _without_second_numbers(layout, targets)


def _without_second_numbers(layout: Layout, targets: dict[str, str]) -> dict[str, str]:
    """Leave only the first column of those that could number the products."""
    if layout is not TABLE:
        return targets
    numbers = sorted((c for c, target in targets.items() if target == "sku"), key=layout.rank)
    return {column: "" if column in numbers[1:] else target for column, target in targets.items()}

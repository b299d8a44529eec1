"""What a column of a feed can be: the fields of a product, and a few that only help to read the feed."""

from __future__ import annotations

import re
import unicodedata

from webapp.catalog.importer.feeds.records import MAX_COLUMN

FIELDS = {
    "sku": "the shop's number of the product",
    "name": "the product's name",
    "category": "its category, or the path to it: Furniture > Chairs",
    "images": "its pictures, in order: file names or http(s) addresses",
    "description": "a text; HTML becomes plain text",
    "link": "the address of its page in the shop",
    "price": "with its currency, or with a column for that: 12.50 EUR",
    "sale_price": "the price while it is reduced",
    "sale_dates": "from when to when the reduced price holds, as two ISO dates with / between them",
    "currency": "of the price, such as EUR",
    "availability": "in_stock, out_of_stock, preorder or backorder, or how many there are",
    "brand": "its brand",
    "gtin": "its EAN, UPC or ISBN",
    "tags": "words, separated by commas",
    "licence": "the picture's licence",
    "author": "who made the picture",
    "source": "where the picture comes from",
    "active": "whether the product is on sale",
    "attributes": "a JSON object of further attributes",
}
HELPERS = {
    "id": "its number where it has no SKU; rows with the same one are one product",
    "parent": "of a variant: the number or SKU of its product, as id:12 or A-12",
    "image_position": "the place of a picture among the product's",
}
ATTRIBUTE = re.compile(r"attr\.(?:\{(?P<named_by>[^{}]{1,200})\}|(?P<label>[^{}]{1,200}))\Z")


def is_target(target: str) -> bool:
    """Return whether a column can be mapped to `target`: a field, `attr.NAME`, `attr.{COLUMN}`, or "" for nothing."""
    return not target or target in FIELDS or target in HELPERS or bool(ATTRIBUTE.match(target))


def column_key(name: str) -> str:
    """Return a column's name as it is compared: `Body (HTML)` and `body_(html)` are the same."""
    text = unicodedata.normalize("NFC", name[:MAX_COLUMN]).casefold().removeprefix("g:")
    return re.sub(r"[\s_-]+", "_", text.strip())

"""Small feeds in the layouts of shop systems, good and bad: right counts, or a refusal that tells how to mend it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from ml.images.decode import ImageLimits
from tests.factories import picture
from webapp.catalog.importer.feeds.mapping import with_constants
from webapp.catalog.importer.findings import FeedError
from webapp.catalog.importer.run import feed_import
from webapp.catalog.mappings import feed_mapped
from webapp.catalog.models import Category, Product

pytestmark = pytest.mark.django_db

FILES = Path(__file__).with_name("fixtures")


class AnyPicture:
    """Every named file is there."""

    def read(self, name: str) -> bytes:
        return picture(1, side=48)


@dataclass(frozen=True)
class Feed:
    """A file, and what its import must give: counts, findings, values of products by SKU, or the refusal."""

    file: str
    created: int = 0
    refused: int = 0
    findings: tuple[tuple[int, str, str], ...] = ()  # row, column, part of the reason
    products: dict[str, dict[str, Any]] = field(default_factory=dict)
    fails: str = ""
    currency: str = ""
    layout: str = "table"


FEEDS = [
    Feed(
        "shopify-classic.csv",
        layout="shopify",
        currency="EUR",
        created=3,
        products={
            "linen-sofa": {
                "name": "Linen sofa",
                "category": ["Furniture", "Sofas"],
                "description": "Three seats & two cushions.\nWashable",
                "brand": "Nordbo",
                "tags": ["living room", "linen"],
                "price": "899.00 EUR",
                "availability": "in_stock",  # of its second variant
                "gtin": "4006381333931",
                "attributes": {"colour": ["Sand", "Moss"], "variant_sku": ["SOFA-S", "SOFA-M"]},
                "active": True,
            },
            "desk-lamp": {"category": ["Lamps"], "attributes": {"variant_sku": "LAMP-1"}},
            "old-lamp": {"active": False, "availability": "out_of_stock"},
        },
    ),
    Feed(
        "shopify-new.csv",
        layout="shopify",
        currency="USD",
        created=2,
        products={"oak-stool": {"description": "Solid oak", "price": "59.00 USD", "brand": "Holz & Co"}},
    ),
    Feed(
        "shopify-without-currency.csv", layout="shopify", fails="Variant Price has no currency.*such as EUR"
    ),
    Feed(
        "shopify-metafields.csv",
        layout="shopify",
        currency="EUR",
        created=1,
        products={
            "vase": {"attributes": {"color": ["blue", "white"], "material": "clay", "variant_sku": "V-1"}}
        },
    ),
    Feed(
        "woocommerce-simple.csv",
        layout="woocommerce",
        currency="EUR",
        created=4,
        products={
            "HOODIE": {
                "category": ["Clothing", "Hoodies"],
                "tags": ["winter", "warm", "New"],
                "price": "35.00 EUR",
                "description": "Very warm",
                "attributes": {"color": ["Blue", "Grey"], "weight_kg": "0.5"},
            },
            "45": {"name": "Cap without number", "availability": "out_of_stock"},
            "POSTER": {
                "category": ["Posters, prints"],
                "link": "https://other.example/poster",
                "availability": "backorder",
            },
            "DRAFT": {"active": False},
        },
    ),
    Feed(
        "woocommerce-variable.csv",
        layout="woocommerce",
        currency="EUR",
        created=2,
        products={
            "TEE": {"price": "15.00 EUR", "availability": "in_stock", "attributes": {"size": ["S", "M"]}},
            "SOCKS": {"price": "5.00 EUR"},
        },
    ),
    Feed(
        "woocommerce-german.csv",
        layout="woocommerce",
        currency="EUR",
        created=2,
        products={
            "TI-1": {"price": "1299.00 EUR", "tags": ["Küche", "Eiche"], "attributes": {"farbe": "Natur"}},
            "ST-1": {"price": "79.90 EUR", "availability": "out_of_stock", "category": ["Möbel", "Stühle"]},
        },
    ),
    Feed(
        "woocommerce-orphan.csv",
        layout="woocommerce",
        currency="EUR",
        created=1,
        refused=1,
        findings=((1, "Parent", "sort the feed"),),
    ),
    Feed(
        "google.tsv",
        layout="google",
        created=2,
        refused=1,
        findings=(
            (2, "gtin", "4006381333931 would be right"),
            (3, "link", "must start with https://"),
        ),
        products={
            "G-1": {
                "price": "99.00 EUR",
                "brand": "Runna",
                "link": "https://shop.example/p/g-1",
                "category": ["Shoes", "Trail"],
                "attributes": {"color": "red"},
            },
            "G-2": {"gtin": "", "availability": "preorder"},
        },
    ),
    Feed(
        "google-rss.xml",
        layout="google",
        created=2,
        products={
            "R-1": {
                "name": "Armchair & stool",
                "description": "Soft\nand wide",
                "link": "https://shop.example/r-1?a=1&b=2",
                "category": ["Furniture", "Chairs", "Armchairs"],
                "price": "499.00 GBP",
                "attributes": {"legs": "4", "seat_height": "45 cm"},
            },
            "R-2": {"availability": "out_of_stock"},
        },
    ),
    Feed(
        "google-atom.xml",
        layout="google",
        created=1,
        refused=1,
        findings=((2, "price", "has no currency; write 8,00 EUR"),),
        products={"A-1": {"name": "Gläser, groß", "price": "12.50 EUR", "link": "https://laden.example/a-1"}},
    ),
    Feed("google-undeclared-prefix.xml", fails="xmlns:g="),
    Feed("google-doctype.xml", fails="DOCTYPE.*remove"),
    Feed("google-truncated.xml", fails="after row 1.*export the file again"),
    Feed(
        "array.json",
        created=2,
        refused=2,
        findings=((3, "image or images", "a new product needs one"), (4, "row", "not a JSON object")),
        products={
            "101": {
                "category": ["Lamps", "Floor lamps"],
                "price": "89.90 EUR",
                "brand": "Lumo",
                "tags": ["bright", "steel"],
                "attributes": {"hohe": 160, "colours": ["black", "white"], "dimmable": True},
            }
        },
    ),
    Feed(
        "lines.jsonl",
        created=2,
        refused=2,
        findings=((3, "row", "not JSON"), (4, "price", "1.299 has no currency")),
        products={
            "L-1": {"attributes": {"width_cm": 40, "materials": ["wool", "linen"]}, "availability": ""},
            "L-2": {"availability": "out_of_stock"},
        },
    ),
    Feed(
        "shopify-products.json",
        layout="shopify-json",
        currency="EUR",
        created=1,
        products={
            "side-table": {
                "description": "Round",
                "price": "149.00 EUR",
                "category": ["Tables"],
                "attributes": {"finish": ["Oak", "Ash"], "variant_sku": "T-1"},
            }
        },
    ),
    Feed("truncated.json", fails="not closed after row 1.*export it again"),
    Feed("not-an-array.json", fails="write an array of objects"),
    Feed(
        "excel-semicolon.csv",
        created=2,
        products={
            "E-1": {"name": "Höcker, klein", "price": "49.90 EUR", "attributes": {"width_cm": "40"}},
            "E-2": {"name": 'Bank "Lang"', "price": "1249.00 EUR"},
        },
    ),
    Feed("excel-sep.csv", created=1, products={"E-3": {"name": "Regal, hoch"}}),
    Feed("excel-unicode.txt", created=2, products={"U-1": {"name": "Židle"}, "U-2": {"category": ["家具"]}}),
    Feed(
        "windows-1252.csv",
        created=2,
        findings=((1, "encoding", "the feed was read as windows-1252"),),
        products={
            "W-1": {"name": "Käseglocke für die Küche", "price": "24.90 EUR", "brand": "Müller & Söhne"},
            "W-2": {"name": "Brotkorb „Größe 2“", "category": ["Küche", "Körbe"]},
        },
    ),
    Feed(
        "windows-1251.csv",
        created=3,
        findings=((1, "encoding", "the feed was read as windows-1251"),),
        products={"К-1": {"name": "Стул деревянный обеденный", "category": ["Мебель", "Стулья"]}},
    ),
    Feed("mac-cr.csv", created=2, products={"M-2": {"name": "Pan with lid"}}),
    Feed("pipes.csv", created=2, products={"P-1": {"name": "Basket, woven", "tags": ["natural", "round"]}}),
    Feed(
        "any-script.csv",
        created=3,
        refused=1,
        findings=((4, "sku", "start with a letter or digit"),),
        products={
            "椅-001": {"name": "木の椅子", "category": ["家具", "椅子"]},
            "كرسي 7": {"name": "كرسي خشبي"},
            "Ω/12 #b": {"category": ["Έπιπλα"]},
        },
    ),
    Feed(
        "html-and-breaks.csv",
        created=2,
        products={
            "H-1": {"name": "Chair Ada – oak", "description": "Escaped twice"},
            "H-2": {"name": "AT&T phone <3", "category": ["Phones & more"], "description": "One\nTwo"},
        },
    ),
    Feed(
        "prices.csv",
        created=6,
        refused=6,
        findings=(
            (5, "price", "may be 1299 or 1.299; write the decimals: 1299.00"),
            (6, "price", "12.00 has no currency; write 12.00 EUR"),
            (7, "price", "'on request' is no price; write it as 12.50 EUR"),
            (8, "price", "is negative"),
            (9, "price", "'XXY' is no currency; write its ISO 4217 code"),
            (12, "price", "may be of several countries; write 5 USD"),
        ),
        products={
            "1": {"price": "1299.50 USD"},
            "2": {"price": "1299000.00 JPY"},
            "3": {"price": "12.50 EUR"},
            "4": {"price": "5.00 CHF"},
            "10": {"price": ""},
            "11": {"price": "1.25 KWD"},
        },
    ),
    Feed(
        "gtins.csv",
        created=5,
        findings=(
            (2, "ean", "wrong check digit; 4006381333931 would be right"),
            (3, "ean", "format the column as text"),
            (5, "ean", "has not 8, 12, 13 or 14 digits"),
        ),
        products={"1": {"gtin": "4006381333931"}, "2": {"gtin": ""}, "4": {"gtin": "012345678905"}},
    ),
    Feed(
        "broken-rows.csv",
        created=1,
        refused=8,
        findings=(
            (2, "row", "3 fields, the header has 4"),
            (3, "row", "expected after"),
            (4, "row", 'put values that contain a comma in "quotes"'),
            (5, "sku", "is already in row 1"),
            (6, "name", "missing"),
            (7, "category", "write its name"),
            (8, "photo", "a new product needs one"),
            (9, "name", "control character U+0007; remove it"),
        ),
    ),
    Feed("mixed-encoding.csv", created=2, refused=1, findings=((3, "row", "save the file as UTF-8"),)),
    Feed("every-row-refused.csv", fails="every row was refused, such as row 1: sku: missing"),
    Feed("header-only.csv", fails="no rows"),
    Feed("empty.csv", fails="first line names the columns"),
    Feed("no-number.csv", fails="no column 'sku'.*map it to sku"),
    Feed("column-twice.csv", fails="duplicate column 'Name'; rename or remove"),
    Feed("prices-only.csv", fails="every row was refused.*N-1: name: missing; a new product needs one"),
    Feed(
        "addresses.csv",
        created=2,
        refused=2,
        findings=(
            (2, "url", "'ftp://shop.example/2' is no address; it must start with https://"),
            (3, "image_url", "no address"),
            (4, "availability", "write in_stock, out_of_stock"),
        ),
        products={
            "1": {"link": "https://shop.example/1", "availability": "in_stock"},
            "4": {"availability": ""},
        },
    ),
]


def _value(product: Product, name: str) -> Any:
    if name == "category":
        path: list[str] = []
        category: Category | None = product.category
        while category:
            path.insert(0, category.name_en)
            category = category.parent
        return path
    if name == "price":
        return f"{product.price:.2f} {product.currency}" if product.price is not None else ""
    return getattr(product, name)


@pytest.mark.parametrize("feed", FEEDS, ids=lambda feed: feed.file)
def test_feed(feed: Feed) -> None:
    findings = []
    with (FILES / feed.file).open("rb") as stream:

        def imported() -> Any:
            mapped = feed_mapped(stream, feed.file)
            assert mapped.mapping.layout.name == feed.layout
            constants = {"currency": feed.currency} if feed.currency else {}
            rows = type(mapped)(mapped.feed, with_constants(mapped.mapping, constants), False).rows()
            for step in feed_import(rows, AnyPicture(), limits=ImageLimits()):
                findings.extend(step.findings)
            return step.counts

        if feed.fails:
            with pytest.raises(FeedError, match=f"(?s){feed.fails}"):
                imported()
            return
        counts = imported()
    assert [str(f) for f in findings if f.refused or "same picture" not in f.text] == [
        _Like(*expected) for expected in feed.findings
    ]
    assert (counts.created, counts.refused) == (feed.created, feed.refused)
    for sku, values in feed.products.items():
        product = Product.objects.get(sku=sku)
        assert {name: _value(product, name) for name in values} == values


def test_every_file_is_tested() -> None:
    assert {path.name for path in FILES.iterdir()} == {feed.file for feed in FEEDS}


class _Like:
    """Equal to a finding in that row and column whose reason contains `part`."""

    def __init__(self, row: int, column: str, part: str) -> None:
        self.row, self.column, self.part = row, column, part

    def __eq__(self, other: object) -> bool:
        head, _, why = str(other).partition(f": {self.column}: ")
        return head.split(" ")[0] == str(self.row) and self.part in why

    def __repr__(self) -> str:
        return f"{self.row} …: {self.column}: …{self.part}…"

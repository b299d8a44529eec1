"""The committed demo catalogue: complete, licensed, drawn within its canvas, small enough to clone."""

import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

DATA = Path(__file__).parents[4] / "webapp/catalog/demo/data"
VIEWS = {"main", "front", "left", "high", "side"}


@pytest.fixture(scope="module")
def products() -> list[dict[str, str]]:
    return [json.loads(line) for line in (DATA / "products.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def categories() -> dict[str, dict[str, str]]:
    loaded: dict[str, dict[str, str]] = json.loads((DATA / "categories.json").read_text(encoding="utf-8"))
    return loaded


@pytest.fixture(scope="module")
def drawings() -> list[dict[str, Any]]:
    with gzip.open(DATA / "drawings.ndjson.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def test_at_least_600_products_in_40_categories(
    products: list[dict[str, str]], categories: dict[str, dict[str, str]]
) -> None:
    assert len(products) >= 600
    assert len({product["category"] for product in products}) >= 40
    assert {product["category"] for product in products} == set(categories)


def test_skus_and_names_are_unique(products: list[dict[str, str]]) -> None:
    for field in ("sku", "name"):
        repeated = [value for value, n in Counter(product[field] for product in products).items() if n > 1]
        assert repeated == []


def test_every_product_names_its_author_source_and_an_included_licence(
    products: list[dict[str, str]],
) -> None:
    licences = {path.stem for path in (DATA / "LICENSES").iterdir()}
    for product in products:
        assert all((product["author"], product["source"])), product["sku"]
        assert product["licence"] in licences, product["sku"]


def test_attribution_lists_every_product_with_its_author(products: list[dict[str, str]]) -> None:
    rows = {}
    for line in (DATA / "ATTRIBUTION.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("| `"):
            sku, _, author, _ = (cell.strip() for cell in line.strip("|").split("|"))
            rows[sku.strip("`")] = author
    assert rows == {product["sku"]: product["author"] for product in products}


def test_a_model_that_requires_attribution_is_not_listed_as_public_domain(
    products: list[dict[str, str]],
) -> None:
    licence = {product["sku"]: product["licence"] for product in products}
    # Its library is CC0, but its own notice is not.
    assert licence["sf-winchester-sofa"] == "CC-BY-3.0"


def test_every_category_has_an_english_and_a_german_name(categories: dict[str, dict[str, str]]) -> None:
    for slug, names in categories.items():
        assert all((names["en"], names["de"])), slug


def test_every_photo_is_384_pixels_on_white(products: list[dict[str, str]]) -> None:
    for product in products:
        with Image.open(DATA / product["photo"]) as photo:
            assert (photo.format, photo.size) == ("WEBP", (384, 384)), product["sku"]
            assert np.asarray(photo)[2, 2].min() >= 250, product["sku"]


def test_every_product_has_its_training_views(products: list[dict[str, str]]) -> None:
    expected = {f"{product['sku']}-{view}.webp" for product in products for view in VIEWS - {"main"}}
    assert {path.name for path in (DATA / "views").iterdir()} == expected
    with Image.open(DATA / "views" / min(expected)) as view:
        assert view.size == (192, 192)


def test_no_photo_is_left_over(products: list[dict[str, str]]) -> None:
    assert {f"photos/{path.name}" for path in (DATA / "photos").iterdir()} == {p["photo"] for p in products}


def test_every_view_of_every_product_is_drawn(
    products: list[dict[str, str]], drawings: list[dict[str, Any]]
) -> None:
    drawn = Counter((line["key_id"], line["view"]) for line in drawings)
    assert drawn == Counter((product["sku"], view) for product in products for view in VIEWS)
    words = {product["sku"]: product["category"] for product in products}
    assert all(line["word"] == words[line["key_id"]] for line in drawings)


def test_drawings_keep_to_the_canvas_and_to_the_bound_on_detail(drawings: list[dict[str, Any]]) -> None:
    for line in drawings:
        strokes = line["drawing"]
        where = f"{line['key_id']} {line['view']}"
        assert 1 <= len(strokes) <= 60, where
        assert sum(len(xs) for xs, _ in strokes) <= 1500, where
        for xs, ys in strokes:
            assert len(xs) == len(ys) >= 2, where
            assert 0 <= min(xs + ys) <= max(xs + ys) <= 256, where


def test_a_drawing_fills_its_frame_as_the_photo_does(drawings: list[dict[str, Any]]) -> None:
    for line in drawings:
        if line["view"] == "main":
            xs = [x for stroke in line["drawing"] for x in stroke[0]]
            ys = [y for stroke in line["drawing"] for y in stroke[1]]
            longer = max(max(xs) - min(xs), max(ys) - min(ys))
            assert 190 <= longer <= 240, line["key_id"]


def test_quickdraw_names_point_at_categories_and_products_that_exist(
    products: list[dict[str, str]], categories: dict[str, dict[str, str]]
) -> None:
    shelves = json.loads((DATA / "quickdraw-map.json").read_text())
    answers = json.loads((DATA / "quickdraw-products.json").read_text())
    skus = {product["sku"] for product in products}
    by_category = {slug: {p["sku"] for p in products if p["category"] == slug} for slug in categories}
    for name, slugs in shelves.items():
        assert set(answers[name]) == set().union(*(by_category[slug] for slug in slugs)), name
    assert all(set(wanted) <= skus and wanted for wanted in answers.values())


def test_the_folder_is_at_most_25_megabytes() -> None:
    assert sum(path.stat().st_size for path in DATA.rglob("*") if path.is_file()) <= 25_000_000

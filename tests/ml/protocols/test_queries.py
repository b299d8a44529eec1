"""The queries that a catalogue is measured with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ml.datasets.catalogue import Catalogue
from ml.datasets.quickdraw import read_quickdraw
from ml.protocols.queries import category_queries, half_drawn
from ml.sketch.strokes import parse_sketch
from tests.support.tiny_catalogue import write_catalogue


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_catalogue(tmp_path / "catalogue")


@pytest.mark.parametrize(("n", "kept"), [(1, 1), (2, 1), (3, 2), (4, 2), (5, 3)])
def test_half_a_drawing_is_its_first_strokes(n: int, kept: int) -> None:
    strokes: list[Any] = [[[number, 0], [number, 9]] for number in range(n)]
    half = half_drawn(parse_sketch({"width": 10, "height": 10, "strokes": strokes}))
    assert [stroke[:, :2].tolist() for stroke in half.strokes] == strokes[:kept]


def skus(catalogue: Catalogue, name: str) -> set[str]:
    right = catalogue.right_products(name)
    return {product.sku for product, is_right in zip(catalogue.products, right, strict=True) if is_right}


def test_right_products_are_named_by_category_and_one_by_one(root: Path) -> None:
    of_category = {product.sku for product in Catalogue(root).products if product.category == "c4"}
    assert skus(Catalogue(root), "square") == of_category | {"p1"}, "without a table of products"
    table = {"square": ["p0", "p3"], "hexagon": ["p2"]}
    (root / "quickdraw-products.json").write_text(json.dumps(table))
    catalogue = Catalogue(root)
    assert skus(catalogue, "square") == of_category | {"p0", "p1", "p3"}
    assert skus(catalogue, "hexagon") == {"p2"}
    assert skus(catalogue, "submarine") == set()
    assert catalogue.answering("hexagon").sum() == 0, "labels of training stay those of the map"


def test_names_with_too_few_right_products_are_not_asked(root: Path) -> None:
    (root / "quickdraw-map.json").write_text(json.dumps({"triangle": ["p0"], "square": ["c4"]}))
    catalogue, doodles = Catalogue(root), read_quickdraw(root / "doodles")
    _, _, all_names = category_queries(catalogue, doodles, "train")
    assert set(all_names) == {"triangle", "square"}
    sketches, relevant, names = category_queries(
        catalogue, read_quickdraw(root / "doodles"), "train", at_least=2
    )
    assert set(names) == {"square"}
    assert relevant.shape == (len(sketches), len(catalogue.products)) == (len(names), 30)

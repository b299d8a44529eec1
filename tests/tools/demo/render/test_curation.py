"""The facts file: its consistency, and the views of each placement."""

import json
from pathlib import Path
from typing import Any

import pytest

from tools.demo.render.curation import Product, read_curation


def facts(tmp_path: Path, **changes: Any) -> Path:
    values = {
        "categories": {"chair": {"en": "Chairs", "de": "Stühle"}},
        "quickdraw": {"chair": ["chair"], "stairs": ["sf-a"]},
        "products": {"sf-a": {"name": "A", "category": "chair"}},
        "dropped": {"sf-b": "person"},
    }
    path = tmp_path / "curation.json"
    path.write_text(json.dumps(values | changes))
    return path


def test_products_are_read_with_their_overrides(tmp_path: Path) -> None:
    rug = {"name": "Rug", "category": "chair", "placement": "flat", "elevation": 70, "turn": 10}
    product = read_curation(facts(tmp_path, products={"sf-a": rug})).products["sf-a"]
    main = product.views[0]
    assert (main.name, main.azimuth, main.elevation) == ("main", 40, 70)
    assert len({view.name for view in product.views}) == 5


def test_an_unknown_category_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"products\.sf-a\.category: 'sofa'"):
        read_curation(facts(tmp_path, products={"sf-a": {"name": "A", "category": "sofa"}}))


def test_an_unknown_quickdraw_answer_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"quickdraw\.bed: 'sf-z'"):
        read_curation(facts(tmp_path, quickdraw={"bed": ["sf-z"]}))


def test_hanging_pieces_cast_no_shadow_on_the_floor() -> None:
    casts = {p: Product("s", "n", "c", p).casts_shadow for p in ("floor", "flat", "wall", "ceiling")}
    assert casts == {"floor": True, "flat": True, "wall": False, "ceiling": False}

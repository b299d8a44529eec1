"""A small shop, searched with a recogniser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_django import Settings

from ml.sketch.strokes import parse_sketch
from tests.factories import CategoryFactory, ProductFactory
from tests.support.example_recogniser import example_recogniser
from tests.webapp.search.answering.shop import EXAMPLES, SHOP
from webapp.catalog.models import Product
from webapp.registry.indexes import recogniser as loading
from webapp.registry.models import Release


@pytest.fixture
def shop(db: None) -> dict[str, Product]:
    """Five products by SKU: two chairs, a mug, a teapot, and one whose words say nothing."""
    names = {"seats": ("Seats", "Sitzmöbel"), "kitchen": ("Kitchen", "Küche"), "new": ("New", "Neu")}
    categories = {
        slug: CategoryFactory(slug=slug, name_en=english, name_de=german)
        for slug, (english, german) in names.items()
    }
    return {
        sku: ProductFactory(sku=sku, name=name, category=categories[slug], photo__seed=seed)
        for seed, (sku, (name, slug)) in enumerate(SHOP.items())
    }


@pytest.fixture
def recogniser_folder(tmp_path: Path, settings: Settings) -> Path:
    examples = {name: parse_sketch(sketch) for name, sketch in EXAMPLES.items()}
    settings.RECOGNISER_DIR = example_recogniser(tmp_path / "recogniser", examples)
    loading.forget()
    return Path(settings.RECOGNISER_DIR)


@pytest.fixture
def live_shop(
    shop: dict[str, Product], recogniser_folder: Path, make_release: Callable[..., Release]
) -> dict[str, Product]:
    """The shop, searched with a recogniser."""
    make_release(name_weight=0.3)
    return shop

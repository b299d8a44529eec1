"""Fixtures: real products, a tiny real model and a live release of the two."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.factories import CategoryFactory, ProductFactory
from tests.support.tiny_model import tiny_model
from webapp.catalog.models import Product
from webapp.registry.models import Release
from webapp.registry.releases import live
from webapp.registry.releases.building import release_build
from webapp.search import cards

N_PRODUCTS = 12


def live_now() -> live.LiveRelease:
    """Return the release that this process answers with."""
    found = live.current()
    assert found
    return found


@pytest.fixture(autouse=True)
def _live_release_of_this_test(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Drop what an earlier test left; use no thread, so that the pointer is read with every query."""
    monkeypatch.setattr(live, "POLL_S", 0.0)
    live.reset()
    cards.reset()
    yield
    live.reset()
    cards.reset()


@pytest.fixture
def products(db: None) -> list[Product]:
    """Twelve different products, alternating between the categories a and b."""
    categories = CategoryFactory(slug="a", name_de="Ah"), CategoryFactory(slug="b")
    return [ProductFactory(sku=f"p{n}", category=categories[n % 2], photo__seed=n) for n in range(N_PRODUCTS)]


@pytest.fixture
def make_release(tmp_path: Path) -> Callable[..., Release]:
    """make_release(seed=0): build and promote today's catalogue with the tiny model of that seed."""

    def make(seed: int = 0, **changes: Any) -> Release:
        folder = tiny_model(tmp_path / f"model-{seed}", seed=seed, **changes)
        return release_build(folder=folder, reason="test")[0]

    return make


@pytest.fixture
def release(products: list[Product], make_release: Callable[..., Release]) -> Release:
    """A live release of the twelve products."""
    return make_release()

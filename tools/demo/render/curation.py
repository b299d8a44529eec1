"""The manual decisions in `data/curation.json`: which models are products, their names, categories and views."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from .camera import View

Placement = Literal["floor", "wall", "ceiling", "flat"]

# Main view first: the photo. The others are for training.
_VIEWS: dict[Placement, tuple[tuple[str, float, float], ...]] = {
    "floor": (("main", 30, 18), ("front", 0, 8), ("left", -35, 20), ("high", 20, 40), ("side", 70, 14)),
    "wall": (("main", 25, 10), ("front", 0, 2), ("left", -30, 12), ("high", 15, 30), ("side", 55, 8)),
    "ceiling": (("main", 30, 4), ("front", 0, 0), ("left", -35, 8), ("high", 20, 25), ("side", 70, 4)),
    "flat": (("main", 30, 60), ("front", 0, 45), ("left", -35, 55), ("high", 15, 75), ("side", 60, 50)),
}


@dataclass(frozen=True, slots=True)
class Product:
    """The decisions about one model."""

    sku: str
    name: str
    category: str
    placement: Placement = "floor"
    turn: float = 0.0
    """Degrees added to every azimuth, for models whose front is not their +z side."""
    elevation: float | None = None
    """Elevation of the main view, if the placement's default does not show the piece well."""

    @property
    def views(self) -> tuple[View, ...]:
        """The views to render, the photo's first."""
        views = [
            View(name, azimuth + self.turn, float(elevation))
            for name, azimuth, elevation in _VIEWS[self.placement]
        ]
        if self.elevation is not None:
            views[0] = View("main", views[0].azimuth, self.elevation)
        return tuple(views)

    @property
    def casts_shadow(self) -> bool:
        return self.placement in ("floor", "flat")


@dataclass(frozen=True, slots=True)
class Curation:
    """Products and dropped models by SKU, shop categories by slug with their names in each language.

    `quickdraw` maps each QuickDraw name to the categories, or single products, that are correct answers.
    """

    products: dict[str, Product]
    dropped: dict[str, str]
    categories: dict[str, dict[str, str]]
    quickdraw: dict[str, list[str]]


def read_curation(path: Path) -> Curation:
    """Read the facts file. Raises ValueError naming the product or QuickDraw name whose category is unknown."""
    facts: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    products = {sku: Product(sku, **values) for sku, values in facts["products"].items()}
    for product in products.values():
        if product.category not in facts["categories"]:
            raise ValueError(
                f"products.{product.sku}.category: {product.category!r} is not among the categories"
            )
    for name, slugs in facts["quickdraw"].items():
        for slug in slugs:
            if slug not in facts["categories"] and slug not in products:
                raise ValueError(f"quickdraw.{name}: {slug!r} is neither a category nor a product")
    return Curation(products, facts["dropped"], facts["categories"], facts["quickdraw"])

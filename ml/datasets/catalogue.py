"""Format `catalogue`: products with photos, aligned line drawings and shop categories (layout of the demo catalogue).

    products.jsonl        one {"sku", "name", "category", "photo", ...} per line
    drawings.ndjson.gz    {"key_id": sku, "word": category, "view": "main" | ..., "drawing": [[[x...], [y...]], ...]}
    photos/<sku>.webp     views/<sku>-<view>.webp

Split by product, from a hash of its SKU only: 20 % test, 10 % validation, the rest train.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.contracts.split import Split, split_of
from ml.errors import DatasetError
from ml.sketch.formats.quickdraw import read_drawings
from ml.sketch.strokes import Sketch

MAIN_VIEW = "main"


@dataclass(frozen=True)
class CatalogueView:
    """One view of a product: its photo file and, if there is one, the line drawing in the photo's frame."""

    name: str
    photo: Path
    drawing: Sketch | None


@dataclass(frozen=True)
class CatalogueProduct:
    """A product of the shop; its main view comes first."""

    sku: str
    name: str
    category: str
    split: Split
    views: tuple[CatalogueView, ...] = field(repr=False)


class Catalogue:
    """The products of a catalogue folder, in the order of products.jsonl.

    Raises DatasetError naming what is missing: a file, or a key of a row.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.products = self._products(self._drawings())
        if not self.products:
            raise DatasetError("--root", f"{root / 'products.jsonl'} holds no products")

    @cached_property
    def categories(self) -> list[str]:
        """Names of all categories with products, sorted."""
        return sorted({product.category for product in self.products})

    @cached_property
    def quickdraw_map(self) -> dict[str, list[str]]:
        """QuickDraw name -> categories or SKUs that are right for it, from quickdraw-map.json; empty without the file."""
        return self._names("quickdraw-map.json")

    @cached_property
    def quickdraw_products(self) -> dict[str, list[str]]:
        """QuickDraw name -> SKUs that are right for it, from quickdraw-products.json; empty without the file."""
        return self._names("quickdraw-products.json")

    def _names(self, file: str) -> dict[str, list[str]]:
        path = self.root / file
        names: dict[str, list[str]] = json.loads(path.read_text()) if path.exists() else {}
        return names

    def answering(self, name: str) -> NDArray[np.bool_]:
        """Return which products the map of names holds right for a QuickDraw name, bool (P,)."""
        return self._named(self.quickdraw_map.get(name, ()))

    def right_products(self, name: str) -> NDArray[np.bool_]:
        """Return which products are right for a QuickDraw name, bool (P,): by the map of names, or one by one."""
        return self._named([*self.quickdraw_map.get(name, ()), *self.quickdraw_products.get(name, ())])

    def _named(self, names: Iterable[str]) -> NDArray[np.bool_]:
        right = set(names)
        return np.array(
            [product.category in right or product.sku in right for product in self.products], dtype=bool
        )

    def _products(self, drawings: dict[tuple[str, str], Sketch]) -> list[CatalogueProduct]:
        path = self.root / "products.jsonl"
        if not path.exists():
            raise DatasetError(
                "--root", f"{self.root} has no products.jsonl, which format catalogue requires"
            )
        extra: dict[str, list[str]] = {}
        for sku, view in drawings:
            if view != MAIN_VIEW:
                extra.setdefault(sku, []).append(view)
        products = []
        for number, line in enumerate(path.read_text().splitlines(), start=1):
            row: dict[str, Any] = json.loads(line)
            try:
                sku, name, category, photo = row["sku"], row["name"], row["category"], row["photo"]
            except KeyError as error:
                raise DatasetError(f"products.jsonl:{number}.{error.args[0]}", "missing") from None
            views = [CatalogueView(MAIN_VIEW, self.root / photo, drawings.get((sku, MAIN_VIEW)))]
            for view in sorted(extra.get(sku, ())):
                file = self.root / "views" / f"{sku}-{view}.webp"
                if file.exists():
                    views.append(CatalogueView(view, file, drawings[sku, view]))
            products.append(
                CatalogueProduct(sku, name, category, split_of(sku, val=0.1, test=0.2), tuple(views))
            )
        return products

    def _drawings(self) -> dict[tuple[str, str], Sketch]:
        path = self.root / "drawings.ndjson.gz"
        if not path.exists():
            return {}
        return {(d.key_id, str(d.fields.get("view", MAIN_VIEW))): d.sketch for d in read_drawings(path)}


def read_photo(path: Path) -> NDArray[np.uint8]:
    """Read a photo file as RGB uint8 (H, W, 3). Raises DatasetError if it cannot be decoded."""
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if image is None:
        raise DatasetError(str(path), "not an image")
    return np.asarray(image[:, :, ::-1], dtype=np.uint8)

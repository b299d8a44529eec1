"""The fits of the whole catalogue in memory: corrected, grouped, read once per revision of the catalogue."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import F, TextField
from django.db.models.functions import Cast
from numpy.typing import NDArray

from ml.vocabulary.fit import VERSION, vocabulary
from webapp.catalog.changes import revision
from webapp.catalog.fits import computed_fits, product_words
from webapp.catalog.models import Category, Photo, Product, WordCorrection
from webapp.catalog.tree import ancestors_load

_CHUNK = 5_000


@dataclass(frozen=True, eq=False)
class CatalogueFits:
    """Fits of the products on sale. Products with equal fits form a group; group 0 answers no name.

    product_ids, category_ids: int64 (P,), by ascending product. groups: int32 (P,). rows: float32 (G, n_names), in the
    order of `names`. photo_ids: int64 (N,) ascending, and photo_groups: int32 (N,).
    """

    revision: int
    names: tuple[str, ...]
    product_ids: NDArray[np.int64]
    category_ids: NDArray[np.int64]
    groups: NDArray[np.int32]
    rows: NDArray[np.float32]
    photo_ids: NDArray[np.int64]
    photo_groups: NDArray[np.int32]

    def of_photos(self, photo_ids: NDArray[np.int64]) -> NDArray[np.int32]:
        """Return the group of each photo, int32 as `photo_ids`; 0 for photos of no product on sale."""
        if not len(self.photo_ids):
            return np.zeros(photo_ids.shape, dtype=np.int32)
        places = np.searchsorted(self.photo_ids, photo_ids).clip(max=len(self.photo_ids) - 1)
        return np.where(self.photo_ids[places] == photo_ids, self.photo_groups[places], 0).astype(np.int32)


class _Cache:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.fits: CatalogueFits | None = None


_cache = _Cache()


def catalogue_fits() -> CatalogueFits:
    """Return the fits of the products on sale; reads them only if the catalogue has changed (1.5 s for 100,000)."""
    with _cache.lock:
        current = revision()
        if _cache.fits is None or _cache.fits.revision != current:
            _cache.fits = _read(current)
        return _cache.fits


def forget() -> None:
    """Drop what is in memory (for tests)."""
    with _cache.lock:
        _cache.fits = None


def _read(current: int) -> CatalogueFits:
    corrections, outdated = Corrections(), _outdated()
    index = {name: place for place, name in enumerate(vocabulary().names)}
    group_of: dict[tuple[Any, ...], int] = {}
    rows = [np.zeros(len(index), dtype=np.float32)]
    found: list[tuple[int, int, int]] = []  # product, category, group
    products = Product.objects.filter(active=True).order_by("pk").annotate(text=Cast(F("fits"), TextField()))
    for pk, category_id, text in products.values_list("pk", "category_id", "text").iterator(_CHUNK):
        key = (outdated.get(pk, text), corrections.of(pk, category_id))
        group = group_of.get(key)
        if group is None:
            row = _row({**json.loads(key[0] or "{}"), **dict(key[1])}, index)
            group = group_of[key] = len(rows) if row.any() else 0
            if group:
                rows.append(row)
        found.append((pk, category_id, group))
    table = np.array(found, dtype=np.int64).reshape(-1, 3)
    photos, photo_groups = _photos(table)
    return CatalogueFits(
        revision=current,
        names=vocabulary().names,
        product_ids=table[:, 0].copy(),
        category_ids=table[:, 1].copy(),
        groups=table[:, 2].astype(np.int32),
        rows=np.stack(rows),
        photo_ids=photos,
        photo_groups=photo_groups,
    )


def _photos(table: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Return the photos of products and their groups; `table` holds (product, category, group) by product."""
    photos = Photo.objects.filter(product__active=True).order_by("pk").values_list("pk", "product_id")
    pairs = np.array(list(photos.iterator(_CHUNK)), dtype=np.int64).reshape(-1, 2)
    if not len(table) or not len(pairs):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int32)
    places = np.searchsorted(table[:, 0], pairs[:, 1]).clip(max=len(table) - 1)
    known = table[places, 0] == pairs[:, 1]  # a product may have appeared in between
    return pairs[known, 0], table[places[known], 2].astype(np.int32)


def _outdated() -> dict[int, str]:
    """Return the fits, as JSON, of products whose stored ones are out of date until `fits_refresh` has run."""
    products = Product.objects.filter(active=True).exclude(fits_version=VERSION)
    rows = list(products.values_list("pk", "name", "category_id", "attributes").iterator(_CHUNK))
    categories = Category.objects.in_bulk({category for _, _, category, _ in rows}) if rows else {}
    ancestors_load(categories.values())
    above = {pk: [(one.name_en, one.name_de) for one in each.ancestors()] for pk, each in categories.items()}
    fits = {}
    for pk, name, category, attributes in rows:
        words = product_words(
            name=name,
            category_en=categories[category].name_en,
            category_de=categories[category].name_de,
            attributes=attributes,
            within=above[category],
        )
        fits[pk] = json.dumps(computed_fits(words))
    return fits


class Corrections:
    """All corrections, read once."""

    def __init__(self) -> None:
        self._of_category: dict[int, dict[str, float]] = {}
        self._of_product: dict[int, dict[str, float]] = {}
        for category, product, name, weight in WordCorrection.objects.values_list(
            "category_id", "product_id", "name", "weight"
        ):
            of, key = (self._of_category, category) if category else (self._of_product, product)
            of.setdefault(key, {})[name] = weight

    def of(self, product_id: int, category_id: int) -> tuple[tuple[str, float], ...]:
        """Return the corrections of a product as (name, weight), its own before its category's."""
        of_category, of_product = self._of_category.get(category_id), self._of_product.get(product_id)
        if not of_category and not of_product:
            return ()
        return tuple(sorted({**(of_category or {}), **(of_product or {})}.items()))

    def of_product(self, product_id: int) -> dict[str, float]:
        """Return a product's own corrections."""
        return self._of_product.get(product_id, {})

    def of_category(self, category_id: int) -> dict[str, float]:
        """Return a category's own corrections."""
        return self._of_category.get(category_id, {})


def _row(fits: dict[str, float], index: dict[str, int]) -> NDArray[np.float32]:
    row = np.zeros(len(index), dtype=np.float32)
    for name, fit in fits.items():
        if (place := index.get(name)) is not None:
            row[place] = fit
    return row

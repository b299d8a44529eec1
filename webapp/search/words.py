"""The gallery rows whose products match a visitor's words."""

from __future__ import annotations

import threading
from time import monotonic
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from ml.vocabulary.fit import vocabulary
from ml.vocabulary.matching import WordIndex
from webapp.catalog.fits import product_words
from webapp.catalog.models import Photo, Product
from webapp.registry.releases.live import LiveRelease, catalogue_revision

_CHUNK = 5_000
_KEPT_S = 60.0  # at least, because an import changes the catalogue constantly


class _Words(NamedTuple):
    """The words of the products on sale, int64 (P,) by ascending id, as of a revision of the catalogue."""

    revision: int
    due: float
    product_ids: NDArray[np.int64]
    word_index: WordIndex


class _Cache:
    """One process's words, and the product of each gallery row of its releases."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.words: _Words | None = None
        self.products: WeakKeyDictionary[LiveRelease, tuple[int, NDArray[np.int64]]] = WeakKeyDictionary()


_cache = _Cache()


def rows_matching(text: str, live: LiveRelease) -> tuple[NDArray[np.bool_], int]:
    """Return which gallery rows, bool (N,), match every word of a text, and how many products they show."""
    with _cache.lock:
        words = _current()
        products = _products_of(live, words.revision)
    rows = np.isin(products, words.product_ids[words.word_index.matches(text)])
    return rows, len(np.unique(products[rows]))


def forget() -> None:
    """Drop what is in memory, for tests that change databases."""
    with _cache.lock:
        _cache.words = None
        _cache.products.clear()


def _current() -> _Words:
    known, revision = _cache.words, catalogue_revision()
    if known is not None and (known.revision == revision or monotonic() < known.due):
        return known
    fields = ("pk", "name", "category__name_en", "category__name_de", "attributes")
    rows = list(Product.objects.filter(active=True).order_by("pk").values_list(*fields).iterator(_CHUNK))
    words = [
        product_words(name=name, category_en=en, category_de=de, attributes=attributes)
        for _, name, en, de, attributes in rows
    ]
    ids = np.array([row[0] for row in rows], np.int64)
    _cache.words = _Words(revision, monotonic() + _KEPT_S, ids, WordIndex(words, vocabulary()))
    return _cache.words


def _products_of(live: LiveRelease, revision: int) -> NDArray[np.int64]:
    """Return the product of each gallery row, int64 (N,); 0 if its photo is gone."""
    known = _cache.products.get(live)
    if known is not None and known[0] == revision:
        return known[1]
    pairs = np.array(
        list(Photo.objects.order_by("pk").values_list("pk", "product_id").iterator(_CHUNK)), np.int64
    ).reshape(-1, 2)
    products = np.zeros(live.n_photos, np.int64)
    if len(pairs):
        places = np.searchsorted(pairs[:, 0], live.index.ids).clip(max=len(pairs) - 1)
        products = np.where(pairs[places, 0] == live.index.ids, pairs[places, 1], 0)
    _cache.products[live] = (revision, products)
    return products

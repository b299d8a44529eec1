"""The gallery rows whose products match a visitor's words."""

from __future__ import annotations

import threading
from time import monotonic
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
import structlog
from django.db import DatabaseError, close_old_connections
from numpy.typing import NDArray
from rest_framework import exceptions

from ml.vocabulary.fit import vocabulary
from ml.vocabulary.matching import WordIndex
from webapp.catalog.fits import product_words
from webapp.catalog.models import Photo, Product
from webapp.registry.releases import live as live_module
from webapp.registry.releases.live import LiveRelease, catalogue_revision

_CHUNK = 5_000
_KEPT_S = 60.0  # at least, because an import changes the catalogue constantly
_WAIT_S = 4.0  # of a query, for the first words; the page gives up after six seconds

log = structlog.get_logger(__name__)


class _Words(NamedTuple):
    """The words of the products on sale, int64 (P,) by ascending id, as of a revision of the catalogue."""

    revision: int
    due: float
    product_ids: NDArray[np.int64]
    word_index: WordIndex


class WordsNotReadyError(exceptions.APIException):
    status_code = 503
    default_detail = "The products' words are being read; try again in a moment."
    default_code = "words_not_ready"
    wait = 5


class _Cache:
    """One process's words, read by a thread, and the product of each gallery row of its releases."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._words: _Words | None = None
        self._reading: threading.Thread | None = None
        self._products: WeakKeyDictionary[LiveRelease, tuple[int, NDArray[np.int64]]] = WeakKeyDictionary()

    def words(self) -> _Words:
        """Return the words. While newer ones are read, which takes a large catalogue a minute, the old ones answer.

        Raises WordsNotReadyError if the first are not there in time.
        """
        with self._lock:
            known = self._words
            if known and (known.revision == catalogue_revision() or monotonic() < known.due):
                return known
            if not live_module.POLL_S:  # tests see their own transaction
                self._words = _read_words()
                return self._words
            if self._reading is None:
                self._reading = threading.Thread(target=self._read, name="product-words", daemon=True)
                self._reading.start()
            reading = self._reading
        if known is None:
            reading.join(_WAIT_S)
        found = self._words
        if found is None:
            raise WordsNotReadyError
        return found

    def products_of(self, live: LiveRelease, revision: int) -> NDArray[np.int64]:
        """Return the product of each gallery row, int64 (N,); 0 if its photo is gone."""
        with self._lock:
            known = self._products.get(live)
            if known is None or known[0] != revision:
                known = self._products[live] = (revision, _products_of(live))
            return known[1]

    def forget(self) -> None:
        with self._lock:
            self._words = None
            self._products.clear()

    def _read(self) -> None:
        try:
            self._words = _read_words()
        except DatabaseError as error:  # the next query tries again
            log.warning("product_words_not_read", error=str(error))
        finally:
            self._reading = None
            close_old_connections()


_cache = _Cache()


def rows_matching(text: str, live: LiveRelease) -> tuple[NDArray[np.bool_], int]:
    """Return which gallery rows, bool (N,), match every word of a text, and how many products they show.

    Raises WordsNotReadyError while the words of a large catalogue are read for the first time.
    """
    words = _cache.words()
    products = _cache.products_of(live, words.revision)
    rows = np.isin(products, words.product_ids[words.word_index.matches(text)])
    return rows, len(np.unique(products[rows]))


def forget() -> None:
    """Drop what is in memory, for tests that change databases."""
    _cache.forget()


def _read_words() -> _Words:
    revision = catalogue_revision()
    fields = ("pk", "name", "category__name_en", "category__name_de", "attributes", "brand", "tags")
    rows = list(Product.objects.filter(active=True).order_by("pk").values_list(*fields).iterator(_CHUNK))
    words = (
        product_words(name=name, category_en=en, category_de=de, attributes=attributes, labels=[brand, *tags])
        for _, name, en, de, attributes, brand, tags in rows
    )
    ids = np.array([row[0] for row in rows], np.int64)
    return _Words(revision, monotonic() + _KEPT_S, ids, WordIndex(words, vocabulary()))


def _products_of(live: LiveRelease) -> NDArray[np.int64]:
    photos = Photo.objects.order_by("pk").values_list("pk", "product_id")
    pairs = np.array(list(photos.iterator(_CHUNK)), np.int64).reshape(-1, 2)
    products = np.zeros(live.n_photos, np.int64)
    if len(pairs):
        places = np.searchsorted(pairs[:, 0], live.index.ids).clip(max=len(pairs) - 1)
        products = np.where(pairs[places, 0] == live.index.ids, pairs[places, 1], 0)
    return products

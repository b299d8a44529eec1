"""Product cards for photos, and the gallery rows of a category: read once, cached for a minute.

Every stroke needs both, and both change rarely. A warm search makes no database query, and while the database is
unavailable, cached values are used however old they are.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Generic, NamedTuple, TypeVar
from weakref import WeakKeyDictionary

import numpy as np
import structlog
from django.core.files.storage import default_storage
from django.db import InterfaceError, OperationalError
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import get_language
from numpy.typing import NDArray

from webapp.catalog.models import Photo
from webapp.catalog.offers import offer_payload
from webapp.catalog.tree import branch_ids
from webapp.registry.releases.live import LiveRelease, catalogue_revision
from webapp.search.payloads import ProductPayload

log = structlog.get_logger(__name__)

_TTL_S = 60.0
_PAUSE_S = 1.0  # between queries to a database that does not answer
_MAX_CARDS = 20_000  # about 1.5 kB each

KeyT = TypeVar("KeyT")
ValueT = TypeVar("ValueT")


class _Value(NamedTuple, Generic[ValueT]):
    """A cached value, when it expires, and the catalogue revision that it belongs to."""

    ends: float
    revision: int
    value: ValueT


class _Cache(Generic[KeyT, ValueT]):
    """A thread-safe cache: values expire after a minute or when the catalogue changes; the oldest are evicted first."""

    def __init__(self, max_size: int, clock: Callable[[], float] = monotonic) -> None:
        self._max_size, self._clock = max_size, clock
        self._values: dict[KeyT, _Value[ValueT]] = {}
        self._lock = threading.Lock()
        self._retry_at = 0.0  # when to query the database again after it did not answer

    def get_many(
        self, keys: Sequence[KeyT], read: Callable[[list[KeyT]], dict[KeyT, ValueT]], revision: int
    ) -> dict[KeyT, ValueT]:
        """Return the values of `keys`; missing ones come from one call of `read`.

        If the database is unavailable, cached values of any age are returned.
        """
        now = self._clock()
        found: dict[KeyT, ValueT] = {}
        missing = []
        for key in keys:
            cached = self._values.get(key)
            if cached and cached.ends > now and cached.revision == revision:
                found[key] = cached.value
            else:
                missing.append(key)
        if missing:
            found |= self._read(missing, read, revision) if now >= self._retry_at else self._old(missing)
        return found

    def _read(
        self, keys: list[KeyT], read: Callable[[list[KeyT]], dict[KeyT, ValueT]], revision: int
    ) -> dict[KeyT, ValueT]:
        try:
            fresh = read(keys)
        except (InterfaceError, OperationalError) as error:
            log.warning("cards_from_memory", error=str(error))
            self._retry_at = self._clock() + _PAUSE_S
            return self._old(keys)
        ends = self._clock() + _TTL_S
        with self._lock:
            for key, value in fresh.items():
                self._values.pop(key, None)  # moves it to the end; the first entries are the oldest
                self._values[key] = _Value(ends, revision, value)
            while len(self._values) > self._max_size:
                del self._values[next(iter(self._values))]
        return fresh

    def _old(self, keys: list[KeyT]) -> dict[KeyT, ValueT]:
        return {key: cached.value for key in keys if (cached := self._values.get(key))}

    def clear(self) -> None:
        with self._lock:
            self._values.clear()


class Shown(NamedTuple):
    """A photo in the gallery: its product, its difference hash, and its card."""

    product_id: int
    dhash: int
    card: ProductPayload


_cards: _Cache[tuple[int, int, str], Shown | None] = _Cache(_MAX_CARDS)
_masks: WeakKeyDictionary[LiveRelease, _Cache[str, NDArray[np.bool_] | None]] = WeakKeyDictionary()


def shown(photo_ids: Sequence[int], products: Sequence[int] | None = None) -> dict[int, Shown]:
    """Return product and card by photo id, in the active language; without products no longer on sale.

    products: of each photo. If a photo has been deleted since the index was built, its product's first photo is shown.
    """
    language = get_language() or ""
    keys = [
        (photo_id, product, language)
        for photo_id, product in zip(photo_ids, products or [0] * len(photo_ids), strict=True)
    ]
    found = _cards.get_many(keys, _read_cards, catalogue_revision())
    return {key[0]: value for key, value in found.items() if value}


def allowed_rows(live: LiveRelease, slug: str) -> NDArray[np.bool_] | None:
    """Return which gallery rows (N,) belong to a category or to one within it; None if there is no such category."""
    cache = _masks.setdefault(live, _Cache(1_000))
    found = cache.get_many(
        [slug], lambda slugs: {slug: _read_mask(live, slug) for slug in slugs}, catalogue_revision()
    )
    if slug not in found:
        raise OperationalError("the database does not answer")
    return found[slug]


def reset() -> None:
    """Clear the caches, for tests that change databases."""
    _cards.clear()
    _masks.clear()


def _read_cards(keys: list[tuple[int, int, str]]) -> dict[tuple[int, int, str], Shown | None]:
    photos = Photo.objects.filter(product__active=True).select_related("product__category")
    photos = photos.defer("product__fits", "product__description")
    by_id = {photo.pk: photo for photo in photos.filter(pk__in=[photo_id for photo_id, *_ in keys])}
    gone = {product for photo_id, product, _ in keys if product and photo_id not in by_id}
    first: dict[int, Photo] = {}
    for other in photos.filter(product__in=gone).order_by("position") if gone else ():
        first.setdefault(other.product_id, other)
    found: dict[tuple[int, int, str], Shown | None] = dict.fromkeys(
        keys
    )  # missing ones are cached as missing
    for key in keys:
        if photo := by_id.get(key[0]) or first.get(key[1]):
            found[key] = Shown(photo.product_id, photo.dhash, product_card(photo))
    return found


def _read_mask(live: LiveRelease, slug: str) -> NDArray[np.bool_] | None:
    categories = branch_ids(slug)
    if not categories:
        return None
    on_sale = Photo.objects.filter(product__category__in=categories, product__active=True)
    ids = on_sale.values_list("pk", flat=True)
    return np.isin(live.index.ids, np.fromiter(ids, np.int64))


def product_card(photo: Photo) -> ProductPayload:
    """Return the card of a product, with this photo."""
    product, category = photo.product, photo.product.category
    url = default_storage.url
    return {
        "id": product.pk,
        "sku": product.sku,
        "name": product.name,
        "category": {"slug": category.slug, "name": category.name},
        "url": reverse("product", args=[product.pk, slugify(product.name) or "product"]),
        "photo_url": url(photo.file.name) if photo.file.name else "",
        "thumb_url": url(photo.thumb.name) if photo.thumb.name else "",
        "edges_url": url(photo.edges.name) if photo.edges.name else "",
        "photo_box": [round(side, 4) for side in photo.box],
        **offer_payload(product),
    }

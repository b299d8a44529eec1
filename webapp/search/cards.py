"""Product cards for photos, and which gallery rows a category allows: read once, kept for a minute.

Both are asked for with every stroke, and both change rarely. A warm search touches no database, and while the
database is away what is kept serves on, however old.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
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

from webapp.catalog.models import Category, Photo
from webapp.registry.releases.live import LiveRelease, catalogue_revision
from webapp.search.payloads import ProductPayload

log = structlog.get_logger(__name__)

_KEEP_S = 60.0
_PAUSE_S = 1.0  # between questions to a database that does not answer
_MOST_CARDS = 20_000  # about 1.5 kB each

KeyT = TypeVar("KeyT")
ValueT = TypeVar("ValueT")


class _Value(NamedTuple, Generic[ValueT]):
    """What was read, until when it holds, and of which revision of the catalogue it is."""

    ends: float
    revision: int
    value: ValueT


class _Kept(Generic[KeyT, ValueT]):
    """Values for a minute or until the catalogue changes, the newest where there are too many; for many threads."""

    def __init__(self, most: int, clock: Callable[[], float] = monotonic) -> None:
        self._most, self._clock = most, clock
        self._values: dict[KeyT, _Value[ValueT]] = {}
        self._lock = threading.Lock()
        self._ask_again = 0.0  # when the database is asked again after it did not answer

    def get_many(
        self, keys: Sequence[KeyT], read: Callable[[list[KeyT]], dict[KeyT, ValueT]], revision: int
    ) -> dict[KeyT, ValueT]:
        """The values of `keys`; those not kept come from one call of `read`.

        Where that fails for want of a database: those that are kept, whatever their age.
        """
        now = self._clock()
        found: dict[KeyT, ValueT] = {}
        missing = []
        for key in keys:
            kept = self._values.get(key)
            if kept and kept.ends > now and kept.revision == revision:
                found[key] = kept.value
            else:
                missing.append(key)
        if missing:
            found |= self._read(missing, read, revision) if now >= self._ask_again else self._old(missing)
        return found

    def _read(
        self, keys: list[KeyT], read: Callable[[list[KeyT]], dict[KeyT, ValueT]], revision: int
    ) -> dict[KeyT, ValueT]:
        try:
            fresh = read(keys)
        except (InterfaceError, OperationalError) as error:
            log.warning("cards_from_memory", error=str(error))
            self._ask_again = self._clock() + _PAUSE_S
            return self._old(keys)
        ends = self._clock() + _KEEP_S
        with self._lock:
            for key, value in fresh.items():
                self._values.pop(key, None)  # to the end: the first are those read longest ago
                self._values[key] = _Value(ends, revision, value)
            while len(self._values) > self._most:
                del self._values[next(iter(self._values))]
        return fresh

    def _old(self, keys: list[KeyT]) -> dict[KeyT, ValueT]:
        return {key: kept.value for key in keys if (kept := self._values.get(key))}

    def clear(self) -> None:
        with self._lock:
            self._values.clear()


class Shown(NamedTuple):
    """A photo of a gallery row: its product, its difference hash, and what results show of it."""

    product_id: int
    dhash: int
    card: ProductPayload


_cards: _Kept[tuple[int, str], Shown | None] = _Kept(_MOST_CARDS)
_masks: WeakKeyDictionary[LiveRelease, _Kept[str, NDArray[np.bool_] | None]] = WeakKeyDictionary()


def shown(photo_ids: Iterable[int]) -> dict[int, Shown]:
    """Photo id -> product and card in the active language; without products no longer on sale."""
    language = get_language() or ""
    keys = [(photo_id, language) for photo_id in photo_ids]
    found = _cards.get_many(keys, _read_cards, catalogue_revision())
    return {key[0]: value for key, value in found.items() if value}


def allowed_rows(live: LiveRelease, slug: str) -> NDArray[np.bool_] | None:
    """Which gallery rows (N,) belong to a category; None where there is no such category."""
    kept = _masks.setdefault(live, _Kept(1_000))
    found = kept.get_many(
        [slug], lambda slugs: {slug: _read_mask(live, slug) for slug in slugs}, catalogue_revision()
    )
    if slug not in found:
        raise OperationalError("the database does not answer")
    return found[slug]


def forget() -> None:
    """Drops what is kept, for tests that change databases."""
    _cards.clear()
    _masks.clear()


def _read_cards(keys: list[tuple[int, str]]) -> dict[tuple[int, str], Shown | None]:
    language = keys[0][1]
    photos = Photo.objects.filter(pk__in=[key[0] for key in keys], product__active=True)
    photos = photos.select_related("product__category")
    found = {
        (photo.pk, language): Shown(photo.product_id, photo.dhash, product_card(photo)) for photo in photos
    }
    return {key: found.get(key) for key in keys}  # what is gone is kept as gone


def _read_mask(live: LiveRelease, slug: str) -> NDArray[np.bool_] | None:
    category = Category.objects.filter(slug=slug).first()
    if category is None:
        return None
    ids = Photo.objects.filter(product__category=category, product__active=True).values_list("pk", flat=True)
    return np.isin(live.index.ids, np.fromiter(ids, np.int64))


def product_card(photo: Photo) -> ProductPayload:
    """The card of a product, with this photo of it."""
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
    }

"""Take off sale what a complete feed does not have, with a guard against half of a feed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TypeVar

from ml.errors import gettext_noop
from webapp.catalog.importer.findings import FeedError
from webapp.catalog.importer.seen import SeenSkus
from webapp.catalog.models import Product

MAX_SHARE = 0.2  # of the products on sale; more must be confirmed
_CHUNK = 500
ItemT = TypeVar("ItemT")


def missing_products(seen: SeenSkus) -> list[int]:
    """Return the ids of products on sale that the feed does not have."""
    on_sale = Product.objects.filter(active=True).order_by("pk").values_list("pk", "sku")
    missing: list[int] = []
    for chunk in _chunks(on_sale.iterator(_CHUNK)):
        skus = seen.missing([sku for _, sku in chunk])
        missing += [pk for pk, sku in chunk if sku in skus]
    return missing


def needs_confirmation(n_missing: int, n_on_sale: int) -> bool:
    """Return whether so many are missing that the feed may be incomplete."""
    return n_missing > MAX_SHARE * n_on_sale


def withdraw(product_ids: list[int], *, confirmed: int | None) -> int:
    """Take products off sale; return how many.

    Raises FeedError if they are more than `MAX_SHARE` of those on sale and than the confirmed number.
    """
    n_on_sale = Product.objects.filter(active=True).count()
    n = len(product_ids)
    if needs_confirmation(n, n_on_sale) and (confirmed is None or n > confirmed):
        raise FeedError(
            "complete",
            gettext_noop(
                "{n} of {n_on_sale} products on sale are not in the feed, more than {max:.0%}; nothing was taken off "
                "sale. If the feed is complete, confirm the number {n}."
            ),
            n=n,
            n_on_sale=n_on_sale,
            max=MAX_SHARE,
        )
    for chunk in _chunks(iter(product_ids)):
        # Without a fingerprint, a product that comes back in the next feed is on sale again.
        Product.objects.filter(pk__in=chunk).update(active=False, fingerprint="")
    return n


def _chunks(items: Iterator[ItemT]) -> Iterator[list[ItemT]]:
    while chunk := list(islice(items, _CHUNK)):
        yield chunk

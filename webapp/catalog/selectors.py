"""Reads of the catalogue, each with a fixed number of queries."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from django.db.models import Q, QuerySet

from webapp.catalog.models import Product
from webapp.catalog.tree import HAS_PHOTO, branch_ids


def products_on_sale(*, category: str = "", q: str = "") -> QuerySet[Product]:
    """Return products that visitors see, with category and photos: in a category or within it, matching every word
    of `q`."""
    products = (
        Product.objects.filter(HAS_PHOTO, active=True)
        .select_related("category")
        .prefetch_related("photos")
        .defer("fits", "description")
    )
    if category:
        products = products.filter(category__in=branch_ids(category))
    for word in search_words(q):
        found = Q(name__icontains=word) | Q(sku__iexact=word) | Q(category__name_en__icontains=word)
        found |= Q(category__name_de__icontains=word) | Q(brand__icontains=word) | Q(gtin=word)
        products = products.filter(found)
    return products.order_by("id")


def products_by_id(ids: Iterable[int]) -> dict[int, Product]:
    """Return the products on sale among `ids`, with category and photos, in two queries."""
    return {product.pk: product for product in products_on_sale().filter(pk__in=list(ids))}


def search_words(q: str) -> list[str]:
    """Return the first few words of a text search, without characters that databases refuse."""
    clean = "".join(" " if unicodedata.category(c) in {"Cc", "Cs"} else c for c in q[:200])
    return clean.split()[:8]

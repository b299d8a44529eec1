"""Reads of the catalogue, each with a fixed number of queries."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from django.db.models import Count, Q, QuerySet

from webapp.catalog.models import Category, Product


def products_on_sale(*, category: str = "", q: str = "") -> QuerySet[Product]:
    """Return products that visitors see, with category and photos: in a category, matching every word of `q`."""
    products = (
        Product.objects.filter(active=True, photos__position=0)
        .select_related("category")
        .prefetch_related("photos")
        .defer("fits")
    )
    if category:
        products = products.filter(category__slug=category)
    for word in search_words(q):
        found = Q(name__icontains=word) | Q(sku__iexact=word) | Q(category__name_en__icontains=word)
        products = products.filter(found | Q(category__name_de__icontains=word))
    return products.order_by("id")


def products_by_id(ids: Iterable[int]) -> dict[int, Product]:
    """Return the products on sale among `ids`, with category and photos, in two queries."""
    return {product.pk: product for product in products_on_sale().filter(pk__in=list(ids))}


def categories_on_sale() -> list[Category]:
    """Return categories with at least one product on sale, ordered by name, each with its `count`."""
    counted = Category.objects.annotate(
        count=Count("products", filter=Q(products__active=True, products__photos__position=0))
    )
    return sorted(counted.filter(count__gt=0), key=lambda category: category.name.casefold())


def search_words(q: str) -> list[str]:
    """Return the first few words of a text search, without characters that databases refuse."""
    clean = "".join(" " if unicodedata.category(c) in {"Cc", "Cs"} else c for c in q[:200])
    return clean.split()[:8]

"""The tree of categories: read in one query, since a shop has hundreds of them, not millions."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Count, Exists, OuterRef, Subquery
from django.db.models.functions import Coalesce

from webapp.catalog.models import Category, Photo, Product

HAS_PHOTO = Exists(Photo.objects.filter(product=OuterRef("pk")))  # of a query of products


def branch_ids(slug: str) -> list[int]:
    """Return the ids of a category and of all within it; empty if there is none with that slug."""
    rows = list(Category.objects.order_by("pk").values_list("pk", "parent_id", "slug"))
    children: dict[int | None, list[int]] = {}
    for pk, parent, _ in rows:
        children.setdefault(parent, []).append(pk)
    found: list[int] = [pk for pk, _, own in rows if own == slug]
    for pk in found:  # grows while it is read
        found += [child for child in children.get(pk, []) if child not in found]
    return found


def categories_on_sale() -> list[Category]:
    """Return categories with products on sale, each followed by those within it, siblings by name.

    Each has its `count`, of products in it and in those within it, and its `depth`.
    """
    shown = Product.objects.filter(HAS_PHOTO, active=True, category=OuterRef("pk")).order_by()
    counts = shown.values("category").annotate(n=Count("pk")).values("n")
    counted = Category.objects.annotate(n_own=Coalesce(Subquery(counts), 0))
    shelves = {shelf.pk: shelf for shelf in counted.order_by("pk")}
    children: dict[int | None, list[Category]] = {}
    for shelf in shelves.values():
        shelf.count = shelf.n_own
        shelf.parent = shelves.get(shelf.parent_id) if shelf.parent_id else None
        children.setdefault(shelf.parent_id, []).append(shelf)
    return [shelf for top in _sorted(children.get(None, [])) for shelf in _walk(top, children, 0)]


def _walk(shelf: Category, children: dict[int | None, list[Category]], depth: int) -> list[Category]:
    below = [
        each for child in _sorted(children.get(shelf.pk, [])) for each in _walk(child, children, depth + 1)
    ]
    shelf.depth = depth
    shelf.count += sum(each.count for each in below if each.depth == depth + 1)
    return [shelf, *below] if shelf.count else []


def _sorted(shelves: Iterable[Category]) -> list[Category]:
    return sorted(shelves, key=lambda shelf: shelf.name.casefold())


def ancestors_load(categories: Iterable[Category]) -> None:
    """Load what these categories are within in one query, for `Category.ancestors`."""
    within = [category for category in categories if category.parent_id]
    if not within:
        return
    known = {category.pk: category for category in Category.objects.all()}
    for category in [*known.values(), *within]:
        category.parent = known.get(category.parent_id) if category.parent_id else None


def path_of(category: Category) -> list[Category]:
    """Return a category and those that it is within, the widest first. One query per step."""
    return [category, *category.ancestors()][::-1]

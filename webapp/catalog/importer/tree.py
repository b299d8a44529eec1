"""Store the category paths of a batch."""

from __future__ import annotations

from collections.abc import Iterable

from webapp.catalog.importer.values.categories import path_slugs
from webapp.catalog.models import Category


def categories_store(paths: Iterable[tuple[str, ...]]) -> dict[str, Category]:
    """Return the categories of the paths and of their branches by the paths' slugs; create unknown ones, with the feed's
    names.

    A category is known by its slug, or else by a name, in any language, among those within the same one. Existing ones
    keep their name and place: an operator may have changed both.
    """
    steps: dict[str, tuple[int, str, str]] = {}  # slug: depth, name, slug of the branch above
    for path in set(paths):
        slugs = path_slugs(path)
        for depth, (slug, name) in enumerate(zip(slugs, path, strict=True)):
            steps.setdefault(slug, (depth, name, slugs[depth - 1] if depth else ""))
    known = {category.slug: category for category in Category.objects.filter(slug__in=steps)}
    named = _named() if len(known) < len(steps) else {}
    for depth in range(max((depth for depth, *_ in steps.values()), default=-1) + 1):
        for slug, (at, name, above) in steps.items():
            within = known[above].pk if above in known else None
            if (
                at == depth
                and slug not in known
                and (found := named.get((within, _matched(_name(slug, name)))))
            ):
                known[slug] = found
        new = [
            Category(slug=slug, name_en=_name(slug, name), parent=known.get(above))
            for slug, (at, name, above) in steps.items()
            if at == depth and slug not in known
        ]
        if new:
            Category.objects.bulk_create(new, ignore_conflicts=True)  # of another import
            slugs_new = [category.slug for category in new]
            known |= {category.slug: category for category in Category.objects.filter(slug__in=slugs_new)}
    return known


def _named() -> dict[tuple[int | None, str], Category]:
    """Return the categories by what they are within and each of their names; the oldest, if two have the same."""
    named: dict[tuple[int | None, str], Category] = {}
    for category in Category.objects.order_by("pk"):
        for name in filter(None, (category.name_en, category.name_de)):
            named.setdefault((category.parent_id, _matched(name)), category)
    return named


def _matched(name: str) -> str:
    return " ".join(name.casefold().split())


def _name(slug: str, name: str) -> str:
    """Return a category's first name: a feed that gives slugs only, such as `bar-stools`, means a name."""
    return name.replace("-", " ").capitalize() if name == slug else name

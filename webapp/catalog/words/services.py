"""Recompute fits, and correct them."""

from __future__ import annotations

from django.db import transaction

from ml.vocabulary.fit import VERSION, vocabulary
from webapp.accounts.models import User
from webapp.catalog.models import Category, Product, WordCorrection
from webapp.catalog.tree import ancestors_load
from webapp.input.text import InputError

BATCH = 2_000


def fits_refresh() -> int:
    """Recompute the fits of products whose words or whose vocabulary changed. Return their number."""
    total = 0
    while n := _refresh_batch():
        total += n
    return total


@transaction.atomic
def _refresh_batch() -> int:
    outdated = Product.objects.exclude(fits_version=VERSION).select_related("category").order_by("pk")
    products = list(outdated.select_for_update(of=("self",))[:BATCH])
    ancestors_load([product.category for product in products])
    for product in products:
        product.compute_fits()
    # An upsert of rows that all exist: ten times as fast as `bulk_update`.
    Product.objects.bulk_create(
        products,
        batch_size=500,
        update_conflicts=True,
        unique_fields=["sku"],
        update_fields=["fits", "fits_version"],
    )
    return len(products)


def correction_set(*, of: Category | Product, name: str, weight: float | None, by: User) -> None:
    """Let a category's products, or a product, answer `name` with `weight`; None returns to what its words say.

    Raises InputError for an unknown name.
    """
    if name not in vocabulary().names:
        raise InputError("name", f"{name[:40]!r} is not a name that a sketch may have")
    key = {"category": of} if isinstance(of, Category) else {"product": of}
    if weight is None:
        for row in WordCorrection.objects.filter(**key, name=name):
            row.delete()
    else:
        WordCorrection.objects.update_or_create(
            **key, name=name, defaults={"weight": weight, "changed_by": by}
        )


def corrections_reset(*, of: Category | Product) -> None:
    """Return to what the words of a category's products, or of a product, say."""
    for row in of.word_corrections.all():
        row.delete()

"""Every kind of change of the catalogue is noted, once per transaction and after its commit."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from celery import Signature
from django.core.cache import cache
from django.db import transaction

from tests.factories import CategoryFactory, PhotoFactory, ProductFactory
from webapp.catalog.changes import catalogue_changed, change_note, revision
from webapp.catalog.models import Category, Product

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def product() -> Product:
    return ProductFactory()


CHANGES: dict[str, Callable[[Product], object]] = {
    "saved": lambda product: product.save(),
    "updated in bulk": lambda product: Product.objects.update(active=False),
    "many": lambda product: Product.objects.bulk_update([product], ["name"]),
    "photo added": lambda product: PhotoFactory(product=product, position=1),
    "photos deleted": lambda product: product.photos.all().delete(),
    "deleted": lambda product: product.delete(),
    "created in bulk": lambda product: Product.objects.bulk_create(
        [Product(sku="new", name="New", category=product.category)]
    ),
    "category renamed": lambda product: product.category.save(),
}


@pytest.mark.parametrize("how", CHANGES)
def test_a_change_is_noted(product: Product, how: str) -> None:
    before = revision()
    CHANGES[how](product)
    assert revision() > before


def test_a_transaction_is_one_change(product: Product) -> None:
    before = revision()
    with transaction.atomic():
        for _ in range(3):
            product.save()
        Product.objects.update(active=False)
        assert revision() == before
    assert revision() == before + 1


def test_a_rolled_back_transaction_is_no_change(product: Product) -> None:
    @transaction.atomic
    def saved_then_failed() -> None:
        product.save()
        raise ZeroDivisionError

    before = revision()
    with pytest.raises(ZeroDivisionError):
        saved_then_failed()
    assert revision() == before
    with transaction.atomic():
        with pytest.raises(ZeroDivisionError):
            saved_then_failed()
        product.save()
    assert revision() == before + 1


def test_reading_and_an_update_of_nothing_are_no_change(product: Product) -> None:
    before = revision()
    list(Product.objects.all())
    Product.objects.filter(sku="nobody").update(active=False)
    Category.objects.count()
    assert revision() == before


def test_many_changes_in_a_moment_wake_one_worker(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    requested: list[object] = []
    monkeypatch.setattr(Signature, "apply_async", lambda self: requested.append(self.options))
    cache.clear()
    for _ in range(5):
        product.save()
    assert requested == [{"queue": "index", "countdown": 1.5}]


def test_a_failing_listener_is_harmless(product: Product) -> None:
    def fails(**_: object) -> None:
        raise ZeroDivisionError

    catalogue_changed.connect(fails)
    try:
        before = revision()
        change_note()
        assert revision() == before + 1
    finally:
        catalogue_changed.disconnect(fails)


def test_categories_are_watched_too() -> None:
    before = revision()
    CategoryFactory(slug="new")
    assert revision() == before + 1

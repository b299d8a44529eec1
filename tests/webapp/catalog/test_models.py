"""The constraints of the database."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils import translation

from tests.factories import CategoryFactory, PhotoFactory, ProductFactory
from webapp.catalog.import_models import CatalogImport
from webapp.catalog.models import Attribute, Category, Photo, Product

pytestmark = [pytest.mark.django_db, pytest.mark.both_stores]


def test_name_in_the_visitors_language_or_english() -> None:
    category = CategoryFactory(slug="lamp", name_en="Lamps", name_de="Lampen")
    with translation.override("de-at"):
        assert category.name == "Lampen"
        assert CategoryFactory(slug="vase", name_en="Vases").name == "Vases"
    assert category.name == "Lamps"


def test_address_of_a_product_whose_name_has_no_letters() -> None:
    assert ProductFactory(pk=7, name="椅子", photo=None).url == "/p/7-product/"


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (Photo, {"box_x0": 0.9, "box_x1": 0.1}),
        (Photo, {"box_y1": 1.2}),
        (Photo, {"width": 0}),
        (Product, {"sku": ""}),
        (Product, {"name": ""}),
        (Category, {"slug": ""}),
    ],
)
def test_impossible_values(model: Any, values: Any) -> None:
    ProductFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.update(**values)


def test_one_of_each() -> None:
    product = ProductFactory(sku="A")
    Attribute.objects.create(key="width", name_en="Width")
    for again in (
        lambda: Product.objects.create(sku="A", name="x", category=product.category),
        lambda: PhotoFactory(product=product),
        lambda: Attribute.objects.create(key="width", name_en="Width"),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            again()


def test_category_with_products_cannot_be_deleted() -> None:
    with pytest.raises(ProtectedError):
        ProductFactory().category.delete()


@pytest.mark.parametrize("values", [{"status": "asleep"}, {"progress": 1.5}, {"rows": 5}])
def test_import_that_cannot_be(values: Any) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        CatalogImport.objects.create(feed="x", feed_name="x", **values)

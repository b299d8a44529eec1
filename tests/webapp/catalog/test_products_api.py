"""GET /api/v1/products/, /api/v1/products/{id}/, /api/v1/categories/"""

from __future__ import annotations

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from tests.factories import CategoryFactory, ProductFactory
from webapp.catalog.models import Product

pytestmark = [pytest.mark.django_db, pytest.mark.both_stores]


@pytest.fixture
def shop() -> list[Product]:
    chairs, lamps = (
        CategoryFactory(slug="chair", name_en="Chairs", name_de="Stühle"),
        CategoryFactory(slug="lamp"),
    )
    return [
        ProductFactory(name="Oak chair", category=chairs, attributes={"width_cm": 40}, licence="CC0"),
        ProductFactory(name="Oak lamp", category=lamps),
        ProductFactory(name="Steel chair", category=chairs),
        ProductFactory(name="Old chair", category=chairs, active=False),
        ProductFactory(name="Unseen chair", category=chairs, photo=None),
    ]


def _names(answer: Any) -> list[str]:
    assert answer.status_code == 200
    return [product["name"] for product in answer.json()["results"]]


def test_one_product(api: APIClient, shop: list[Product]) -> None:
    body = api.get(f"/api/v1/products/{shop[0].pk}/").json()
    assert body["category"] == {"slug": "chair", "name": "Chairs"}
    assert body["url"] == f"/p/{shop[0].pk}-oak-chair/"
    assert body["attributes"] == {"width_cm": 40}
    assert body["licence"] == "CC0"
    assert len(body["photo_box"]) == 4
    for name, kind in (("photo_url", "image/webp"), ("thumb_url", "image/webp"), ("edges_url", "image/png")):
        picture = api.get(body[name])
        assert picture.status_code == 200
        assert picture["Content-Type"] == kind


@pytest.mark.parametrize("which", [3, 4])
def test_product_off_sale_or_without_photo_is_not_there(
    api: APIClient, shop: list[Product], which: int
) -> None:
    refused = api.get(f"/api/v1/products/{shop[which].pk}/")
    assert refused.status_code == 404
    assert refused["Content-Type"] == "application/problem+json"


def test_number_beyond_the_databases(api: APIClient) -> None:
    assert api.get(f"/api/v1/products/{10**30}/").status_code == 404


def test_list_by_category_and_words(api: APIClient, shop: list[Product]) -> None:
    assert _names(api.get("/api/v1/products/")) == ["Oak chair", "Oak lamp", "Steel chair"]
    assert _names(api.get("/api/v1/products/?category=chair")) == ["Oak chair", "Steel chair"]
    assert _names(api.get("/api/v1/products/?q=OAK")) == ["Oak chair", "Oak lamp"]
    assert _names(api.get("/api/v1/products/?q=chairs steel")) == ["Steel chair"]
    assert _names(api.get("/api/v1/products/?q=Stühle+oak")) == ["Oak chair"]
    assert _names(api.get(f"/api/v1/products/?q={shop[1].sku}")) == ["Oak lamp"]
    assert _names(api.get("/api/v1/products/?category=sofa")) == []


def test_wrong_filter_is_named(api: APIClient) -> None:
    for query, field in (("category=a/b", "category"), ("q=" + "x" * 201, "q"), ("q=%00", "q")):
        refused = api.get(f"/api/v1/products/?{query}")
        assert refused.status_code == 400
        assert refused.json()["field"] == field


def test_pages_by_cursor_cover_all(api: APIClient, shop: list[Product]) -> None:
    first = api.get("/api/v1/products/?page_size=2").json()
    second = api.get(first["next"]).json()
    assert len(first["results"]) == 2
    assert [product["name"] for product in second["results"]] == ["Steel chair"]
    assert second["next"] is None


def test_list_costs_the_same_however_long(
    api: APIClient, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for n in (1, 11):
        ProductFactory.create_batch(n)
        with django_assert_num_queries(2):
            assert api.get("/api/v1/products/").status_code == 200


def test_categories_with_counts_in_the_visitors_language(
    api: APIClient, shop: list[Product], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        assert api.get("/api/v1/categories/").json() == [
            {"slug": "chair", "name": "Chairs", "count": 2},
            {"slug": "lamp", "name": "Lamp", "count": 1},
        ]
    german = api.get("/api/v1/categories/", headers={"accept-language": "de"}).json()
    assert [category["name"] for category in german] == ["Lamp", "Stühle"]

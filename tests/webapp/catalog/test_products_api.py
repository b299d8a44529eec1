"""GET /api/v1/products/, /api/v1/products/{id}/, /api/v1/categories/"""

from __future__ import annotations

import re
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from tests.factories import CategoryFactory, ProductFactory
from webapp.catalog.models import Attribute, Product

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
            {"slug": "chair", "name": "Chairs", "count": 2, "depth": 0, "parent": None},
            {"slug": "lamp", "name": "Lamp", "count": 1, "depth": 0, "parent": None},
        ]
    german = api.get("/api/v1/categories/", headers={"accept-language": "de"}).json()
    assert [category["name"] for category in german] == ["Lamp", "Stühle"]


def test_a_branch_of_the_tree_has_what_is_below_it(api: APIClient, shop: list[Product]) -> None:
    furniture = CategoryFactory(slug="möbel", name_en="Furniture")
    CategoryFactory(slug="empty", parent=furniture)
    shop[0].category.parent = furniture
    shop[0].category.save()
    assert _names(api.get("/api/v1/products/?category=möbel")) == ["Oak chair", "Steel chair"]
    assert [list(row.values()) for row in api.get("/api/v1/categories/").json()] == [
        ["möbel", "Furniture", 2, 0, None],
        ["chair", "Chairs", 2, 1, "möbel"],
        ["lamp", "Lamp", 1, 0, None],
    ]
    path = api.get(f"/api/v1/products/{shop[0].pk}/").json()["category_path"]
    assert [step["slug"] for step in path] == ["möbel", "chair"]
    page = api.get("/browse/?category=möbel")
    assert page.context["result_count"] == 2
    assert [shelf.slug for shelf in page.context["categories"]] == ["möbel", "chair", "lamp"]
    assert [shelf.slug for shelf in api.get("/browse/").context["categories"]] == ["möbel", "lamp"]


def test_what_a_shop_says_of_a_product_is_shown_in_the_visitors_language(api: APIClient) -> None:
    product = ProductFactory(
        name="Oak chair",
        price="1299.5",
        currency="EUR",
        availability="out_of_stock",
        brand="Holz & Co",
        link="https://www.shop.example/oak?a=1&b=2",
        gtin="4006381333931",
        tags=["oak", "solid"],
        attributes={"colours": ["black", "white"]},
        description="One\nTwo",
    )
    Attribute.objects.create(key="colours", name_en="Colours")
    body = api.get(f"/api/v1/products/{product.pk}/").json()
    assert body["price"] == {"amount": "1299.5", "currency": "EUR", "text": "€1,299.50"}
    assert (body["availability"], body["brand"], body["link"]) == ("out_of_stock", "Holz & Co", product.link)
    assert (body["gtin"], body["tags"], body["description"]) == (
        "4006381333931",
        ["oak", "solid"],
        "One\nTwo",
    )
    english = api.get(product.url).content.decode()
    for shown in (
        "€1,299.50",
        "Out of stock",
        "Holz &amp; Co",
        "View at shop.example",
        "black, white",
        "oak, solid",
    ):
        assert shown in english
    main = re.findall(r'class="action action-main" href="([^"]+)"', english)
    assert main == ["https://www.shop.example/oak?a=1&amp;b=2"]
    german = api.get(product.url, headers={"accept-language": "de"}).content.decode()
    assert "1.299,50\xa0€" in german
    assert "Nicht vorrätig" in german
    assert "€1,299.50" in api.get("/browse/").content.decode()
    assert _names(api.get("/api/v1/products/?q=holz")) == ["Oak chair"]


def test_without_a_link_the_main_button_traces(api: APIClient) -> None:
    page = api.get(ProductFactory().url).content.decode()
    assert re.findall(r'class="action action-main" href="([^"?]+)\?trace', page) == ["/"]

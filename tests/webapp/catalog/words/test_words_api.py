"""GET and POST under /api/v1/catalog/words/: what products are recognised as, for operators."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from tests.factories import CategoryFactory, ProductFactory
from webapp.catalog.models import Product

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_stores]

URL = "/api/v1/catalog/words/"


@pytest.fixture
def shop() -> list[Product]:
    chairs = CategoryFactory(slug="chair", name_en="Chairs", name_de="Stühle")
    mixed = CategoryFactory(slug="mixed", name_en="Summer 2024")
    CategoryFactory(slug="empty", name_en="Tents")
    return [
        ProductFactory(name="Oslo", category=chairs),
        ProductFactory(name="Garden chair", category=chairs),
        ProductFactory(name="Deck chair cushion", category=mixed),
        ProductFactory(name="Tent", category=mixed, active=False),
    ]


def categories(api: APIClient, query: str = "", **headers: str) -> dict[str, Any]:
    answer = api.get(f"{URL}categories/{query}", headers=headers or None)
    assert answer.status_code == 200
    return {row["slug"]: row for row in answer.json()["results"]}


def named(row: dict[str, Any]) -> dict[str, Any]:
    return {fit["name"]: fit for fit in row["names"]}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "names/"),
        ("get", "categories/"),
        ("get", "categories/chair/products/"),
        ("post", "categories/chair/correct/"),
        ("post", "categories/chair/reset/"),
        ("post", "products/1/correct/"),
        ("post", "products/1/reset/"),
    ],
)
def test_operators_only(api: APIClient, stranger_api: APIClient, method: str, path: str) -> None:
    assert getattr(api, method)(URL + path).status_code in {401, 403}
    assert getattr(stranger_api, method)(URL + path).status_code == 403


def test_categories_with_names_and_where_these_come_from(
    operator_api: APIClient, shop: list[Product]
) -> None:
    rows = categories(operator_api)
    assert list(rows) == ["chair", "mixed"]
    chair = named(rows["chair"])["chair"]
    assert rows["chair"]["n_products"] == 2
    assert chair["n_fitting"] == 2
    assert 0.5 < chair["fit"] <= 1
    assert (chair["origin"], chair["word"]) == ("name", "garden chair")
    assert named(rows["mixed"])["pillow"]["word"] == "cushion"
    assert rows["mixed"]["n_products"] == 1
    assert not rows["chair"]["is_corrected"]


def test_labels_and_names_in_german(operator_api: APIClient, shop: list[Product]) -> None:
    row = categories(operator_api, accept_language="de")["chair"]
    assert row["name"] == "Stühle"
    assert named(row)["chair"]["label"] == "Stuhl"
    labels = {
        each["name"]: each["label"]
        for each in operator_api.get(f"{URL}names/", headers={"accept-language": "de"}).json()
    }
    assert labels["couch"] == "Sofa"


def test_categories_by_part_of_their_name(operator_api: APIClient, shop: list[Product]) -> None:
    assert list(categories(operator_api, "?q=stüh")) == ["chair"]
    assert list(categories(operator_api, "?q=2024")) == ["mixed"]
    assert list(categories(operator_api, "?q=zebra")) == []
    assert operator_api.get(f"{URL}categories/?q={'x' * 81}").json()["field"] == "q"


def test_names_tell_what_nothing_answers(operator_api: APIClient, shop: list[Product]) -> None:
    rows = {row["name"]: row for row in operator_api.get(f"{URL}names/").json()}
    assert len(rows) == 345
    assert rows["chair"]["n_fitting"] == 2
    assert rows["zebra"]["n_fitting"] == rows["zebra"]["best"] == 0
    assert {"Sofa", "settee", "couch"} <= set(rows["couch"]["words"])
    assert rows["tent"]["n_fitting"] == 0  # the only tent is not on sale


def test_products_of_a_category(operator_api: APIClient, shop: list[Product]) -> None:
    rows = operator_api.get(f"{URL}categories/chair/products/").json()["results"]
    assert [row["name"] for row in rows] == ["Oslo", "Garden chair"]
    assert [named(row)["chair"]["origin"] for row in rows] == ["category", "name"]
    assert rows[0]["thumb_url"]
    assert operator_api.get(f"{URL}categories/none/products/").status_code == 404


def test_correct_and_reset_a_category(operator_api: APIClient, shop: list[Product]) -> None:
    answer = operator_api.post(
        f"{URL}categories/mixed/correct/", {"name": "tent", "weight": 0.8}, format="json"
    )
    assert answer.status_code == 200
    tent = named(answer.json())["tent"]
    assert (tent["fit"], tent["origin"], tent["n_fitting"]) == (0.8, "correction", 1)
    assert answer.json()["is_corrected"]
    gone = operator_api.post(
        f"{URL}categories/mixed/correct/", {"name": "pillow", "weight": 0}, format="json"
    )
    assert named(gone.json())["pillow"]["fit"] == 0  # shown, so that it can be undone
    back = operator_api.post(
        f"{URL}categories/mixed/correct/", {"name": "pillow", "weight": None}, format="json"
    )
    assert named(back.json())["pillow"]["origin"] == "name"
    reset = operator_api.post(f"{URL}categories/mixed/reset/")
    assert not reset.json()["is_corrected"]
    assert "tent" not in named(reset.json())


def test_correct_and_reset_a_product(operator_api: APIClient, shop: list[Product]) -> None:
    url = f"{URL}products/{shop[0].pk}/"
    row = operator_api.post(f"{url}correct/", {"name": "bench", "weight": 1}, format="json").json()
    assert (named(row)["bench"]["origin"], row["is_corrected"]) == ("correction", True)
    assert named(categories(operator_api)["chair"])["bench"]["n_fitting"] == 1
    row = operator_api.post(f"{url}reset/").json()
    assert not row["is_corrected"]
    assert operator_api.post(f"{URL}products/{shop[3].pk}/reset/").status_code == 404


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"name": "warp drive", "weight": 1}, "name"),
        ({"name": "chair", "weight": 1.5}, "weight"),
        ({"name": "chair"}, "weight"),
        ({"weight": 1}, "name"),
        ({"name": "chair", "weight": "NaN"}, "weight"),
    ],
)
def test_wrong_corrections_are_named(
    operator_api: APIClient, shop: list[Product], sent: dict[str, object], field: str
) -> None:
    answer = operator_api.post(f"{URL}categories/chair/correct/", sent, format="json")
    assert answer.status_code == 400
    assert answer.json()["field"] == field


def test_a_page_takes_a_fixed_number_of_queries(
    operator_api: APIClient, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(12):
        ProductFactory(name="Chair", category=CategoryFactory(slug=f"c{number}"))
    with django_assert_max_num_queries(14):
        assert len(categories(operator_api)) == 12

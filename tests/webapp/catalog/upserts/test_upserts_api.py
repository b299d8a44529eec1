"""PUT, DELETE /api/v1/catalog/products/{sku}/ and POST /api/v1/catalog/products/."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from django.core.files.storage import default_storage
from pytest_django import DjangoCaptureOnCommitCallbacks
from rest_framework.test import APIClient

from annotation.models import Sketch
from tests.factories import ProductFactory
from webapp.catalog.models import Category, Product

pytestmark = [pytest.mark.django_db, pytest.mark.both_stores]

URL = "/api/v1/catalog/products/"
LAMP = {
    "name": "Lamp",
    "category": "Living room > Lamps",
    "images": ["https://cdn.example/lamp.jpg"],
    "link": "https://shop.example/lamp",
    "price": "39.50 EUR",
    "availability": "in_stock",
    "brand": "Lumo",
    "gtin": "4006381333931",
    "tags": ["bright"],
    "attributes": {"Height": 40, "colours": ["black", "white"]},
}


def _put(client: APIClient, sku: str, body: Any) -> Any:
    return client.put(f"{URL}{quote(sku, safe='')}/", body, format="json")


def test_upsert_is_idempotent_and_keeps_what_is_not_given(operator_api: APIClient) -> None:
    created = _put(operator_api, "L-1", LAMP)
    assert created.status_code == 201
    assert created.json() == {
        "row": 1, "sku": "L-1", "outcome": "created", "field": "", "why": "", "notices": []
    }  # fmt: skip
    again = _put(operator_api, "L-1", LAMP)
    assert (again.status_code, again.json()["outcome"]) == (200, "unchanged")
    cheaper = _put(operator_api, "L-1", {"price": {"amount": "29.50", "currency": "EUR"}, "brand": ""})
    assert cheaper.json()["outcome"] == "updated"
    product = Product.objects.get()
    assert (str(product.price), product.currency, product.brand) == ("29.5000", "EUR", "")
    assert (product.name, product.tags) == ("Lamp", ["bright"])
    assert product.attributes == {"height": 40, "colours": ["black", "white"]}
    assert product.category.parent == Category.objects.get(slug="living-room")


def test_pictures_are_asked_for_in_order_and_stay_when_only_the_price_changes(
    operator_api: APIClient,
) -> None:
    urls = ["https://cdn.example/front.jpg", "https://cdn.example/back.jpg"]
    assert _put(operator_api, "L-1", {**LAMP, "images": urls}).status_code == 201
    assert _put(operator_api, "L-1", {"price": "29 EUR"}).json()["outcome"] == "updated"
    pictures = Product.objects.get().remote_pictures.order_by("position")
    assert list(pictures.values_list("url", "status")) == [(url, "waiting") for url in urls]
    assert _put(operator_api, "L-1", {"images": urls[1:]}).json()["outcome"] == "updated"
    assert [picture.url for picture in pictures.all()] == urls[1:]


@pytest.mark.parametrize("sku", ["12345", "A/1 b", "椅-001", "L#1?x=y"])
def test_any_sku_can_stand_in_the_address(operator_api: APIClient, sku: str) -> None:
    assert _put(operator_api, sku, LAMP).status_code == 201
    assert Product.objects.get().sku == sku
    assert operator_api.delete(f"{URL}{quote(sku, safe='')}/").json()["outcome"] == "deleted"
    assert not Product.objects.exists()


@pytest.mark.parametrize(
    ("body", "field", "why"),
    [
        ({"name": "Lamp"}, "category", "a new product needs one"),
        ({**LAMP, "price": "39.50"}, "price", "no currency"),
        ({**LAMP, "link": "javascript:alert(1)"}, "link", "https://"),
        ({**LAMP, "images": ["lamp.jpg"]}, "images", "no address"),
        ({**LAMP, "colour": "red"}, "colour", "no such field"),
        ({**LAMP, "sku": "L-2"}, "sku", "not the SKU in the address"),
        ([LAMP], "body", "object"),
    ],
)
def test_wrong_field_is_named_and_nothing_changes(
    operator_api: APIClient, body: Any, field: str, why: str
) -> None:
    refused = _put(operator_api, "L-1", body)
    assert refused.status_code == 400
    assert refused.json()["field"] == field
    assert why in refused.json()["detail"]
    assert not Product.objects.exists()


def test_batch_writes_what_it_can_and_names_the_rest(operator_api: APIClient) -> None:
    batch = {
        "products": [
            {**LAMP, "sku": "L-1"},
            {**LAMP, "sku": "L-2", "gtin": "4006381333932"},
            {**LAMP, "sku": "L-1", "name": "Twice"},
            {"sku": "L-3", "price": "1 EUR"},
            {"name": "No number"},
        ],
        "delete": ["L-9"],
    }
    rehearsed = operator_api.post(URL, {**batch, "dry_run": True}, format="json").json()
    assert not Product.objects.exists()
    body = operator_api.post(URL, batch, format="json").json()
    assert body == rehearsed
    assert [body[name] for name in ("created", "updated", "unchanged", "refused")] == [2, 0, 0, 3]
    assert [(r["sku"], r["outcome"], r["field"]) for r in body["results"]] == [
        ("L-1", "created", ""),
        ("L-2", "created", ""),
        ("L-1", "refused", "sku"),
        ("L-3", "refused", "name"),
        ("", "refused", "sku"),
    ]
    assert "4006381333931 would be right" in body["results"][1]["notices"][0]["why"]
    assert body["deleted"][0]["outcome"] == "absent"
    assert set(Product.objects.values_list("sku", flat=True)) == {"L-1", "L-2"}


def test_batches_are_bounded(operator_api: APIClient) -> None:
    refused = operator_api.post(URL, {"products": [{"sku": "x"}] * 1001}, format="json")
    assert (refused.status_code, refused.json()["field"]) == (400, "products")
    assert operator_api.post(URL, {"delete": ["x"] * 1001}, format="json").status_code == 400
    assert operator_api.post(URL, {"products": ["x"]}, format="json").status_code == 400


def test_deleting_removes_photos_and_is_idempotent(
    operator_api: APIClient, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    photo = ProductFactory(sku="L-1").photos.get()
    name = photo.file.name
    with django_capture_on_commit_callbacks(execute=True):
        assert operator_api.delete(f"{URL}L-1/").json()["outcome"] == "deleted"
    assert not default_storage.exists(name)
    assert operator_api.delete(f"{URL}L-1/").json()["outcome"] == "absent"


def test_product_of_a_study_is_only_taken_off_sale(operator_api: APIClient) -> None:
    product = ProductFactory(sku="L-1")
    Sketch.objects.create(source=Sketch.Source.IMPORT, name="s", strokes={}, product=product)
    body = operator_api.post(URL, {"delete": ["L-1"]}, format="json").json()
    assert body["deleted"][0]["outcome"] == "withdrawn"
    assert not Product.objects.get(sku="L-1").active


@pytest.mark.parametrize("cast", ["stranger_api", "owner_api"])
def test_only_operators_write(request: pytest.FixtureRequest, cast: str) -> None:
    client = request.getfixturevalue(cast)
    assert _put(client, "L-1", LAMP).status_code == 403
    assert client.delete(f"{URL}L-1/").status_code == 403
    assert client.post(URL, {"products": []}, format="json").status_code == 403


def test_anonymous_users_are_refused(api: APIClient) -> None:
    assert _put(api, "L-1", LAMP).status_code == 401

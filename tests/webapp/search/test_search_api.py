"""POST /api/v1/search."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import translation
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from ml.images.decode import decode_image
from tests.factories import PhotoFactory, ProductFactory, picture
from webapp.catalog.models import Product
from webapp.registry.models import Release

SKETCH = {
    "width": 100,
    "height": 100,
    "strokes": [[[20, 20], [80, 20], [80, 80], [20, 80], [20, 20]], [[40, 40], [60, 60]]],
}


def search(api: APIClient, **body: Any) -> Any:
    return api.post("/api/v1/search", {"sketch": SKETCH, **body}, format="json")


def test_ranked_products_with_all_that_the_page_shows(api: APIClient, release: Release) -> None:
    response = search(api, k=5)
    assert response.status_code == 200, response.content
    body = response.json()
    assert body["release"] == {
        "id": release.pk,
        "model": "tiny 1.0",
        "index": release.index_sha256[:12],
        "precision": "fp32",
    }
    assert [result["rank"] for result in body["results"]] == [1, 2, 3, 4, 5]
    scores = [result["score"] for result in body["results"]]
    assert scores == sorted(scores, reverse=True)
    product = body["results"][0]["product"]
    row = Product.objects.get(pk=product["id"])
    assert product["url"] == row.get_absolute_url()
    assert product["photo_url"].startswith("/media/photos/")
    assert product["category"]["slug"] in ("a", "b")
    assert len(product["photo_box"]) == 4
    assert set(body["timing_ms"]) == {"raster", "encode", "search", "total"}
    assert body["debug"]["n_gallery"] == 12
    assert body["debug"]["n_shortlist"] == 12
    assert body["debug"]["code_length"] == 64


def test_without_a_release_the_answer_says_so(api: APIClient, products: list[Product]) -> None:
    response = search(api)
    assert response.status_code == 503
    assert "release" in response.json()["detail"]
    assert int(response["Retry-After"]) > 0


def test_a_category_narrows_the_gallery(api: APIClient, release: Release) -> None:
    body = search(api, category="b", k=100).json()
    assert {result["product"]["category"]["slug"] for result in body["results"]} == {"b"}
    assert len(body["results"]) == body["debug"]["n_gallery"] == 6


@pytest.mark.parametrize("category", [None, ""])
def test_no_category_means_all(api: APIClient, release: Release, category: str | None) -> None:
    assert len(search(api, category=category, k=100).json()["results"]) == 12


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"k": 0}, "k"),
        ({"k": 101}, "k"),
        ({"k": "many"}, "k"),
        ({"category": "unknown"}, "category"),
        ({"category": "x" * 81}, "category"),
        ({"category": "\x00"}, "category"),
        ({"category": ["a"]}, "category"),
        ({"sketch": None}, "sketch"),
        ({"sketch": []}, "sketch"),
        ({"sketch": {"width": 1, "height": 1}}, "sketch.strokes"),
        ({"sketch": {**SKETCH, "strokes": [[[1, 2], ["x", 3]]]}}, "sketch.strokes[0][1].x"),
        ({"sketch": {**SKETCH, "strokes": [[[1e308, 2]]]}}, "sketch.strokes[0][0].x"),
        ({"sketch": {**SKETCH, "strokes": [[[1, 2, 5], [1, 2, 3]]]}}, "sketch.strokes[0][1].t_ms"),
        ({"sketch": {**SKETCH, "strokes": []}}, "sketch.strokes"),
    ],
)
def test_what_is_wrong_is_named(api: APIClient, release: Release, body: Any, field: str) -> None:
    response = search(api, **body)
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["field"] == field


def test_a_lone_surrogate_is_refused(api: APIClient, release: Release) -> None:
    body = json.dumps({"sketch": SKETCH, "category": "\ud800"})  # as an escape, which JSON allows
    response = api.post("/api/v1/search", body, content_type="application/json")
    assert (response.status_code, response.json()["field"]) == (400, "category")


def test_unknown_fields_are_ignored(api: APIClient, release: Release) -> None:
    assert search(api, brush="soft").status_code == 200


def test_a_dot_and_a_single_stroke_find_something(api: APIClient, release: Release) -> None:
    for strokes in ([[[5, 5]]], [[[5, 5], [6, 6]]], [[[5, 5], [5, 5]]]):
        response = search(api, sketch={**SKETCH, "strokes": strokes})
        assert response.status_code == 200
        assert len(response.json()["results"]) == 12


def test_names_follow_the_visitors_language(api: APIClient, release: Release) -> None:
    response = api.post(
        "/api/v1/search", {"sketch": SKETCH}, format="json", headers={"accept-language": "de"}
    )
    names = {result["product"]["category"]["name"] for result in response.json()["results"]}
    assert names == {"Ah", "B"}
    assert {r["product"]["category"]["name"] for r in search(api).json()["results"]} == {"A", "B"}


def test_nothing_close_is_reported(
    api: APIClient, products: list[Product], make_release: Callable[..., Release]
) -> None:
    make_release(nothing_close_below=0.999)
    body = search(api).json()
    assert body["nothing_close"] is True
    assert {result["match"] for result in body["results"]} <= {"strong", "fair", "weak"}


def test_a_photos_own_edges_find_it_first(api: APIClient, release: Release, products: list[Product]) -> None:
    """A sketch of a product's outline ranks that product first, without any mocks."""
    import numpy as np

    from ml.images.edges import edge_map
    from ml.sketch.trace import trace

    for n in (0, 3, 7):
        edges = edge_map(decode_image(picture(n)))
        sketch = trace(np.repeat(edges[:, :, None], 3, axis=2))
        body = search(api, sketch=sketch.to_payload()).json()
        assert body["results"][0]["product"]["sku"] == f"p{n}"


def test_a_product_no_longer_on_sale_disappears(
    api: APIClient, release: Release, products: list[Product]
) -> None:
    Product.objects.filter(sku__in=["p0", "p1"]).update(active=False)
    skus = {result["product"]["sku"] for result in search(api, k=100).json()["results"]}
    assert skus == {f"p{n}" for n in range(2, 12)}


def test_products_that_look_the_same_are_folded(
    api: APIClient, products: list[Product], make_release: Callable[..., Release]
) -> None:
    for n in range(3):
        ProductFactory(sku=f"copy{n}", category=products[0].category, photo__data=picture(0))
    make_release()
    results = search(api, k=100).json()["results"]
    assert len(results) == 12
    folded = {result["product"]["sku"]: result["folded"] for result in results}
    assert folded["p0"] == 3
    assert sum(folded.values()) == 3


def test_another_photo_of_a_product_is_not_a_separate_result(
    api: APIClient, products: list[Product], make_release: Callable[..., Release]
) -> None:
    PhotoFactory(product=products[0], position=1, seed=99)
    make_release()
    body = search(api, k=100).json()
    assert body["debug"]["n_gallery"] == 13
    assert len(body["results"]) == 12
    assert sum(result["folded"] for result in body["results"]) == 0


def test_a_gallery_of_copies_still_fills_the_page(
    api: APIClient, products: list[Product], make_release: Callable[..., Release]
) -> None:
    """Forty copies of one product rank first; the others are found behind them."""
    for n in range(40):
        ProductFactory(sku=f"copy{n}", category=products[0].category, photo__data=picture(0))
    make_release()
    assert len(search(api, k=12).json()["results"]) == 12


def test_a_warm_search_reads_only_two_numbers_from_the_database(
    api: APIClient, release: Release, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    search(api)
    with django_assert_num_queries(2):  # pointer and catalogue revision; a server reads them in a thread
        search(api)


def test_errors_are_not_html_for_programs(api: APIClient, release: Release) -> None:
    response = api.post("/api/v1/search", "{", content_type="application/json")
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    with translation.override("en"):
        assert "JSON" in response.json()["detail"]

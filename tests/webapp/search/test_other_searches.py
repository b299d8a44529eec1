"""Search by image and by product; example sketches."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw
from rest_framework.test import APIClient

from tests.factories import ProductFactory, picture
from webapp.catalog.models import Product
from webapp.registry.models import Release

SKETCH: dict[str, Any] = {
    "width": 100,
    "height": 100,
    "strokes": [[[20.125, 20, 0, 0.25], [80, 20, 7.5, 0.5]], [[40, 40, 9, 1]]],
}


def drawing_bytes(side: int = 300) -> bytes:
    """Return a pen drawing of a table on paper."""
    image = Image.new("L", (side, side), 245)
    draw = ImageDraw.Draw(image)
    draw.line((40, 100, 260, 100), fill=20, width=4)
    draw.line((60, 100, 60, 250), fill=20, width=4)
    draw.line((240, 100, 240, 250), fill=20, width=4)
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def upload(api: APIClient, data: Any, **form: Any) -> Any:
    file = SimpleUploadedFile("picture", data, content_type="image/png")
    return api.post("/api/v1/search/image", {"image": file, **form}, format="multipart")


def test_a_photo_finds_its_product(api: APIClient, release: Release) -> None:
    body = upload(api, picture(4), mode="photo", k=3).json()
    assert body["mode"] == "photo"
    assert body["sketch"] is None
    assert body["results"][0]["product"]["sku"] == "p4"
    assert len(body["results"]) == 3


def test_auto_distinguishes_a_drawing_from_a_photo(api: APIClient, release: Release) -> None:
    assert upload(api, drawing_bytes()).json()["mode"] == "sketch"
    assert upload(api, picture(4)).json()["mode"] == "photo"


def test_a_drawing_is_searched_as_strokes(api: APIClient, release: Release) -> None:
    """An image of a drawing finds the same as its traced strokes."""
    by_image = upload(api, drawing_bytes(), mode="sketch").json()
    by_strokes = api.post("/api/v1/search", {"sketch": by_image["sketch"]}, format="json").json()
    assert by_image["results"] == by_strokes["results"]


def test_a_category_narrows_an_image_search(api: APIClient, release: Release) -> None:
    body = upload(api, picture(4), category="b").json()
    assert {result["product"]["category"]["slug"] for result in body["results"]} == {"b"}


def bomb() -> bytes:
    """Return a picture of 40,000 x 40,000 pixels in a few kilobytes."""
    file = io.BytesIO()
    Image.new("1", (40_000, 40_000)).save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "form", "field"),
    [
        (b"", {}, "image"),
        (b"not an image", {}, "image"),
        (picture(0)[:200], {}, "image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", {}, "image"),
        (picture(0), {"mode": "x-ray"}, "mode"),
        (picture(0), {"k": "0"}, "k"),
        (picture(0), {"category": "unknown"}, "category"),
    ],
)
def test_a_wrong_upload_is_refused_naming_the_field(
    api: APIClient, release: Release, data: Any, form: Any, field: str
) -> None:
    response = upload(api, data, **form)
    assert response.status_code == 400
    assert response.json()["field"] == field


def test_a_bomb_is_refused_before_it_is_decoded(api: APIClient, release: Release) -> None:
    response = upload(api, bomb())
    assert response.status_code == 400
    assert "pixels" in response.json()["detail"]


def test_blank_paper_has_no_lines_to_trace(api: APIClient, release: Release) -> None:
    file = io.BytesIO()
    Image.new("L", (200, 200), 250).save(file, "PNG")
    response = upload(api, file.getvalue(), mode="sketch")
    assert response.status_code == 400
    assert response.json()["field"].startswith("image")


def test_no_image_at_all_is_refused(api: APIClient, release: Release) -> None:
    response = api.post("/api/v1/search/image", {"mode": "auto"}, format="multipart")
    assert (response.status_code, response.json()["field"]) == (400, "image")
    assert api.post("/api/v1/search/image", {"image": "x"}, format="json").status_code == 415


def test_more_like_this_leaves_the_product_itself_out(
    api: APIClient, release: Release, products: list[Product]
) -> None:
    body = api.get(f"/api/v1/products/{products[3].pk}/similar?k=5").json()
    skus = [result["product"]["sku"] for result in body["results"]]
    assert len(skus) == 5
    assert "p3" not in skus


def test_a_copy_is_like_the_product_first(
    api: APIClient, products: list[Product], make_release: Callable[..., Release]
) -> None:
    ProductFactory(sku="copy", category=products[3].category, photo__data=picture(3))
    make_release()
    body = api.get(f"/api/v1/products/{products[3].pk}/similar").json()
    assert body["results"][0]["product"]["sku"] == "copy"
    assert body["results"][0]["score"] == pytest.approx(1, abs=1e-3)


def test_variants_are_folded_in_a_search_and_listed_in_what_is_similar(
    api: APIClient, products: list[Product], make_release: Callable[..., Release]
) -> None:
    variants = {f"v{number}" for number in range(3)}
    for sku in variants:
        ProductFactory(sku=sku, category=products[3].category, photo__data=picture(3))
    make_release()
    body = api.get(f"/api/v1/products/{products[3].pk}/similar?k=5").json()
    assert {result["product"]["sku"] for result in body["results"][:3]} == variants
    assert [result["folded"] for result in body["results"]] == [0] * 5


def test_similar_to_a_product_outside_the_index(
    api: APIClient, release: Release, products: list[Product]
) -> None:
    assert api.get("/api/v1/products/999999/similar").status_code == 404
    assert api.get(f"/api/v1/products/{products[0].pk}/similar?k=0").status_code == 400
    unindexed = ProductFactory(category=products[0].category)
    assert api.get(f"/api/v1/products/{unindexed.pk}/similar").status_code == 404
    Product.objects.filter(pk=products[0].pk).update(active=False)
    assert api.get(f"/api/v1/products/{products[0].pk}/similar").status_code == 404


def test_every_example_is_a_sketch_that_finds_something(api: APIClient, release: Release) -> None:
    examples = api.get("/api/v1/examples/").json()
    assert len(examples) >= 6
    assert len({example["name"] for example in examples}) == len(examples)
    for example in examples:
        response = api.post("/api/v1/search", {"sketch": example["sketch"]}, format="json")
        assert response.status_code == 200
    german = api.get("/api/v1/examples/", headers={"accept-language": "de"}).json()
    assert "Ah" in {example["name"] for example in german}

"""Products with several photos: found once, shown by the best photo, listed with all of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from tests.factories import PhotoFactory, picture
from tests.support.live_release import live_now
from webapp.catalog.models import Photo, Product
from webapp.registry.models import Release
from webapp.search.answering.answer import answer_of
from webapp.search.answering.question import Encoded, Question

pytestmark = pytest.mark.django_db


@pytest.fixture
def several(products: list[Product], make_release: Callable[..., Release]) -> Product:
    """A product of the live release with photos at positions 0, 1 and 2."""
    product = products[3]
    for position, seed in ((1, 50), (2, 51)):
        PhotoFactory(product=product, position=position, data=picture(seed))
    make_release()
    return product


def _found(photo: Photo) -> list[dict[str, Any]]:
    """Return the results of a search by an indexed photo."""
    live = live_now()
    row = live.row_of(photo.pk)
    assert row is not None
    embedding = live.index.embeddings[row].astype("float32")
    answer = answer_of(Question(live, 20), Encoded(embedding, live.index.codes[row]))
    return [dict(result["product"]) for result in answer["results"]]


def test_a_product_is_found_once_by_the_photo_that_fits_best(several: Product) -> None:
    for photo in several.photos.all():
        found = _found(photo)
        assert found[0]["id"] == several.pk
        assert found[0]["photo_url"] == photo.file.url
        assert [product["id"] for product in found].count(several.pk) == 1


def test_a_photo_that_was_deleted_leaves_its_product_findable(several: Product) -> None:
    second = several.photos.get(position=1)
    first = several.photos.get(position=0)
    live_now()
    pk, url = second.pk, second.file.url
    row = live_now().row_of(pk)
    second.delete()
    live = live_now()
    assert live.row_of(pk) == row  # the index is not built again yet
    embedding = live.index.embeddings[row].astype("float32")
    answer = answer_of(Question(live, 20), Encoded(embedding, live.index.codes[row]))
    assert answer["results"][0]["product"]["id"] == several.pk
    assert answer["results"][0]["product"]["photo_url"] == first.file.url != url


def test_the_api_lists_all_photos_in_order(several: Product, api: APIClient) -> None:
    body = api.get(f"/api/v1/products/{several.pk}/").json()
    photos = list(several.photos.order_by("position"))
    assert [photo["photo_url"] for photo in body["photos"]] == [photo.file.url for photo in photos]
    assert body["photo_url"] == photos[0].file.url
    assert len(body["photos"][1]["photo_box"]) == 4


def test_the_page_shows_all_photos_and_one_of_them_large(several: Product, client: Client) -> None:
    photos = list(several.photos.order_by("position"))
    page = client.get(several.url).content.decode()
    assert f'class="stage-photo" src="{photos[0].file.url}"' in page
    assert all(photo.thumb.url in page for photo in photos)
    page = client.get(f"{several.url}?photo=3").content.decode()
    assert f'class="stage-photo" src="{photos[2].file.url}"' in page
    assert photos[2].edges.url in page
    for odd in ("0", "4", "-1", "x", "9" * 50, "²"):
        assert f'src="{photos[0].file.url}"' in client.get(several.url, {"photo": odd}).content.decode()


def test_a_page_with_one_photo_has_no_strip(
    several: Product, products: list[Product], client: Client
) -> None:
    assert "photo-strip" not in client.get(products[0].url).content.decode()

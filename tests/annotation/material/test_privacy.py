"""A study's photos never show in the shop, wherever products are read."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from rest_framework.test import APIClient

from annotation.models import StudyPhoto
from tests.factories import picture
from tests.support.live_release import (  # noqa: F401  fixtures
    _live_release_of_this_test,
    make_release,
    products,
    release,
)
from tests.support.live_search import SKETCH
from tests.support.material import imported, zipped
from webapp.catalog.models import Photo, Product
from webapp.catalog.selectors import products_by_id, products_on_sale
from webapp.catalog.tree import categories_on_sale
from webapp.registry.indexes.catalogue import gallery_photos
from webapp.registry.models import Release
from webapp.sites.models import SiteKey

pytestmark = pytest.mark.django_db
NAME = "Confidentialshoe"
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def private(products: list[Product]) -> Product:  # noqa: F811
    manifest = f"id,name,file\nown-1,{NAME},1.png\n"
    assert imported(zipped(manifest, {"1.png": picture(99)}), "photos").status == "done"
    return StudyPhoto.objects.get().product


PUBLIC = (
    "/",
    "/browse/",
    f"/browse/?q={NAME}",
    "/how/",
    "/api/v1/products/?page_size=200",
    f"/api/v1/products/?q={NAME}",
    "/api/v1/categories/",
    "/api/v1/examples/",
    f"/?q={NAME}",
)


def test_no_public_page_search_or_index_has_it(
    private: Product,
    make_release: Callable[..., Release],  # noqa: F811
    api: APIClient,
    client: Client,
) -> None:
    built = make_release()
    photo = Photo.objects.get(product=private)
    marks = (private.sku, str(photo.file.name), str(photo.thumb.name), "_study-photos", "Photos of studies")
    key = SiteKey.objects.create(name="Shop", origins=["https://shop.example"]).public_key
    for url in (*PUBLIC, f"/embed/?key={key}", f"/api/v1/embed/?key={key}"):
        page = client.get(url, follow=True).content.decode()
        shown = page.replace(f"q={NAME}", "").replace(f'value="{NAME}"', "").replace(f"“{NAME}”", "")
        assert not [mark for mark in marks if mark in shown], url
    for url in (
        f"/p/{private.pk}-{NAME.lower()}/",
        private.url,
        f"/browse/?category={private.category.slug}",
        f"/api/v1/products/{private.pk}/",
        f"/api/v1/products/{private.pk}/similar",
    ):
        assert client.get(url).status_code == 404, url
    everything = {"sketch": SKETCH, "k": 48}
    found = api.post("/api/v1/search", everything).json()["results"]
    assert found
    assert private.pk not in {hit["product"]["id"] for hit in found}
    by_text = api.post("/api/v1/search", {**everything, "text": NAME}).json()["results"]
    assert private.pk not in {hit["product"]["id"] for hit in by_text}
    assert photo.pk not in {one.id for one in gallery_photos()}
    assert built.index_build.n_photos == Photo.objects.exclude(pk=photo.pk).count()


def test_no_reader_of_the_shop_knows_it(private: Product) -> None:
    assert private not in Product.objects.all()
    assert private not in products_on_sale()
    assert not products_by_id([private.pk])
    assert private.category not in categories_on_sale()
    assert private not in private.category.products.all()


def test_it_can_never_be_put_on_sale(private: Product) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Product.everything.filter(pk=private.pk).update(active=True)


def test_no_feed_and_no_request_can_name_it(
    private: Product, operator_api: APIClient, operator_client: Client
) -> None:
    here = f"/api/v1/catalog/products/{private.sku}/"
    refused = operator_api.put(here, {"name": "Mine", "category": "shoes", "active": True})
    assert (refused.status_code, refused.json()["field"]) == (400, "sku")
    assert operator_api.delete(here).json()["outcome"] == "absent"
    assert Product.everything.filter(pk=private.pk, name=NAME, active=False).exists()
    gift = {"sketch": SKETCH, "consent": True, "product": private.pk}
    assert operator_api.post("/api/v1/sketches/", gift).status_code == 404
    for page in ("product", "photo"):
        assert NAME not in operator_client.get(f"/admin/catalog/{page}/").content.decode()


def test_a_complete_feed_and_its_duplicates_leave_it_alone(private: Product, operator_api: APIClient) -> None:
    feed = io.BytesIO(b"sku,name,category,images\nnew-1,New,shoes,a.png\n")
    feed.name = "feed.csv"
    images = io.BytesIO(zipped("", {"a.png": picture(99)}))  # the same picture
    images.name = "images.zip"
    row = operator_api.post(
        "/api/v1/catalog/imports/",
        {"feed": feed, "images": images, "complete": True, "confirmed": 100},
        format="multipart",
    ).json()
    from webapp.catalog.services import catalog_import_run

    catalog_import_run(import_id=row["id"])
    done = operator_api.get(f"/api/v1/catalog/imports/{row['id']}/").json()
    assert (done["status"], done["withdrawn"]) == ("done", 12)
    assert private.sku not in str(done)
    assert Product.everything.filter(pk=private.pk).exists()


def test_only_studies_read_private_products() -> None:
    """Code outside annotation uses `Product.objects`, which leaves private products out."""
    allowed = {"webapp/catalog/models.py"}
    readers = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "webapp").rglob("*.py")
        if "Product.everything" in path.read_text()
    }
    assert readers <= allowed

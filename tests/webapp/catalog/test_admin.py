"""The catalogue in the admin."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from tests.factories import PhotoFactory, ProductFactory
from webapp.accounts.models import User
from webapp.catalog import jobs, services
from webapp.catalog.import_models import CatalogImport
from webapp.catalog.models import Product

MODELS = ["product", "category", "attribute", "photo", "catalogimport"]


@pytest.mark.parametrize("model", MODELS)
def test_every_list_opens_with_few_queries(
    operator_client: Client, model: Any, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    ProductFactory.create_batch(12)
    with django_assert_max_num_queries(14):
        answer = operator_client.get(f"/admin/catalog/{model}/")
    assert answer.status_code == 200
    if model in {"product", "photo"}:
        assert answer.content.decode().count("/media/thumbs/") == 12


def test_product_page_shows_its_photo_and_an_edit_is_not_undone_by_a_stale_fingerprint(
    operator_client: Client,
) -> None:
    product = ProductFactory(fingerprint="f" * 64)
    assert (
        "/media/thumbs/"
        in operator_client.get(f"/admin/catalog/product/{product.pk}/change/").content.decode()
    )
    photo = product.photos.get()
    form = {
        "sku": product.sku, "name": "Edited", "category": product.category_id, "attributes": "{}", "active": "on",
        "photos-TOTAL_FORMS": 1, "photos-INITIAL_FORMS": 1, "photos-0-id": photo.pk, "photos-0-product": product.pk,
    }  # fmt: skip
    assert operator_client.post(f"/admin/catalog/product/{product.pk}/change/", form).status_code == 302
    product.refresh_from_db()
    assert (product.name, product.fingerprint) == ("Edited", "")


def test_an_uploaded_feed_is_imported(
    operator_client: Client,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    woken: list[str] = []
    monkeypatch.setattr(jobs.catalog_import_job, "delay", woken.append)
    feed = SimpleUploadedFile("feed.csv", b"sku,name,category,photo\nA1,Stool,stools,none.png\n")
    with django_capture_on_commit_callbacks(execute=True):
        assert operator_client.post("/admin/catalog/catalogimport/add/", {"feed": feed}).status_code == 302
    row = CatalogImport.objects.get()
    assert woken == [str(row.pk)]
    assert row.created_by is not None
    services.catalog_import_run(import_id=row.pk)
    page = operator_client.get(f"/admin/catalog/catalogimport/{row.pk}/change/").content.decode()
    assert "no pictures were sent with the feed" in page
    assert f"/api/v1/catalog/imports/{row.pk}/report/" in page


def test_feed_of_another_kind_is_reported_on_the_form(operator_client: Client) -> None:
    feed = SimpleUploadedFile("feed.xlsx", b"PK")
    answer = operator_client.post("/admin/catalog/catalogimport/add/", {"feed": feed})
    assert "is a spreadsheet; save it as CSV (UTF-8)" in answer.content.decode()
    assert not CatalogImport.objects.exists()


def test_strangers_have_no_access(client: Client, stranger: User) -> None:
    client.force_login(stranger, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/admin/catalog/product/").status_code == 302


def test_photo_page_opens(operator_client: Client) -> None:
    photo = PhotoFactory(product=ProductFactory(photo=None))
    assert operator_client.get(f"/admin/catalog/photo/{photo.pk}/change/").status_code == 200
    assert Product.objects.count() == 1

"""From an upload that is held to its import: the columns are confirmed, checked, and kept for the next feed."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from rest_framework.test import APIClient

from webapp.catalog import jobs, services
from webapp.catalog.import_models import FILES_KEPT, CatalogImport, uploads
from webapp.catalog.models import Product

pytestmark = pytest.mark.django_db

URL = "/api/v1/catalog/imports/"
FIXTURES = Path(__file__).parents[1] / "importer" / "fixtures"


@pytest.fixture(autouse=True)
def woken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    ids: list[str] = []
    monkeypatch.setattr(jobs.catalog_import_job, "delay", ids.append)
    return ids


def _held(client: APIClient, name: str, **more: object) -> Any:
    feed = SimpleUploadedFile(name, (FIXTURES / name).read_bytes())
    answer = client.post(URL, {"feed": feed, "hold": "true", **more}, format="multipart")
    assert answer.status_code == 202
    return answer.json()


def _run(client: APIClient, row: Any, **options: object) -> Any:
    started = client.post(f"{URL}{row['id']}/start/", options, format="json")
    assert started.status_code == 202, started.json()
    services.catalog_import_run(import_id=row["id"])
    return client.get(f"{URL}{row['id']}/").json()


def test_columns_are_confirmed_checked_imported_and_kept(operator_api: APIClient, woken: list[str]) -> None:
    row = _held(operator_api, "shopify-without-currency.csv")
    assert (row["status"], row["can_start"], woken) == ("draft", True, [])
    mapping = operator_api.get(f"{URL}{row['id']}/mapping/").json()
    assert (mapping["layout"], mapping["kept"]) == ("shopify", False)
    assert mapping["columns"][1] == {"name": "Title", "target": "name", "examples": ["Mug"]}
    assert "Variant Price has no currency" in mapping["problem"]
    columns = {**{c["name"]: c["target"] for c in mapping["columns"]}, "Body (HTML)": ""}
    constants = {"currency": "EUR", "link": "https://shop.example/products/{Handle}"}
    put = operator_api.put(
        f"{URL}{row['id']}/mapping/", {"columns": columns, "constants": constants}, format="json"
    )
    assert (put.json()["problem"], put.json()["kept"]) == ("", True)
    # The only picture is a file that was not sent: that is found by checking.
    checked = _run(operator_api, row, dry_run=True)
    assert checked["status"] == "failed"
    assert "Image Src: no pictures were sent with the feed" in checked["error"]
    again = operator_api.get(f"{URL}{_held(operator_api, 'shopify-without-currency.csv')['id']}/mapping/")
    assert again.json()["constants"] == constants
    assert again.json()["columns"][2]["target"] == ""


def _held_text(client: APIClient, text: str, codec: str) -> Any:
    feed = SimpleUploadedFile("feed.csv", text.encode(codec))
    return client.post(URL, {"feed": feed, "hold": "true"}, format="multipart").json()


def test_the_encoding_is_shown_can_be_set_and_is_kept_until_a_feed_is_in_unicode(
    operator_api: APIClient,
) -> None:
    text = "sku,name,category,photo\nA,Krzesło,Meble,https://x.example/a.jpg\n"
    row = _held_text(operator_api, text, "cp1250")
    url = f"{URL}{row['id']}/mapping/"
    mapping = operator_api.get(url).json()
    assert (mapping["encoding"], mapping["encoding_given"]) == ("windows-1252", "")
    assert mapping["columns"][1]["examples"] == ["Krzes³o"]
    assert "windows-1250" in mapping["encodings"]
    columns = {column["name"]: column["target"] for column in mapping["columns"]}
    wrong = operator_api.put(url, {"columns": columns, "encoding": "klingon"}, format="json")
    assert (wrong.status_code, wrong.json()["field"]) == (400, "encoding")
    put = operator_api.put(url, {"columns": columns, "encoding": "windows-1250"}, format="json").json()
    assert (put["encoding"], put["encoding_given"]) == ("windows-1250", "windows-1250")
    assert put["columns"][1]["examples"] == ["Krzesło"]
    done = _run(operator_api, row)
    assert (done["status"], done["issues"]) == ("done", [])
    assert Product.objects.get(sku="A").name == "Krzesło"
    for codec, encoding in (("cp1250", "windows-1250"), ("utf-8", "utf-8")):
        next_row = _held_text(operator_api, text, codec)
        mapping = operator_api.get(f"{URL}{next_row['id']}/mapping/").json()
        assert (mapping["kept"], mapping["encoding"]) == (True, encoding)
        assert mapping["columns"][1]["examples"] == ["Krzesło"]


def test_an_encoding_guessed_from_few_words_is_a_warning(operator_api: APIClient) -> None:
    text = "sku,name,category,photo\nA,Krzesło,Meble,https://x.example/a.jpg\n"
    done = _run(operator_api, _held_text(operator_api, text, "cp1250"))
    (issue,) = done["issues"]
    assert (issue["field"], issue["refused"]) == ("encoding", False)
    assert "read as windows-1252" in issue["why"]


def test_a_quote_that_is_not_closed_in_the_header_is_named_on_both_pages(operator_api: APIClient) -> None:
    row = _held_text(operator_api, 'sku,"name,category\n' + "A,n,c\n" * 40_000, "utf-8")
    refused = operator_api.get(f"{URL}{row['id']}/mapping/")
    assert refused.status_code == 400
    assert "not closed in the first line" in refused.json()["detail"]
    assert "not closed in the first line" in _run(operator_api, row)["error"]


def test_check_then_import_of_the_same_upload(operator_api: APIClient) -> None:
    row = _held(operator_api, "google.tsv")
    checked = _run(operator_api, row, dry_run=True)
    assert (checked["status"], checked["created"], checked["refused"], checked["can_start"]) == (
        "done",
        2,
        1,
        True,
    )
    assert not Product.objects.exists()
    done = _run(operator_api, row)
    assert (done["status"], done["created"], done["can_start"]) == ("done", 2, False)
    assert Product.objects.get(sku="G-1").brand == "Runna"
    refused = operator_api.post(f"{URL}{row['id']}/start/", {}, format="json")
    assert refused.status_code == 409
    assert operator_api.get(f"{URL}{row['id']}/mapping/").status_code == 409


def test_complete_feed_shows_how_many_it_takes_off_sale_and_waits_for_the_number(
    operator_api: APIClient,
) -> None:
    _run(operator_api, _held(operator_api, "google.tsv"))
    row = _held(operator_api, "google-rss.xml")
    assert _run(operator_api, row, dry_run=True, complete=True)["withdrawn"] == 2
    refused = _run(operator_api, row, complete=True)
    assert refused["status"] == "failed"
    assert "confirm the number 2" in refused["error"]
    assert Product.objects.filter(active=True).count() == 4
    done = _run(operator_api, row, complete=True, confirmed=2)
    assert (done["status"], done["withdrawn"], done["unchanged"]) == ("done", 2, 2)
    assert set(Product.objects.filter(active=True).values_list("sku", flat=True)) == {"R-1", "R-2"}


@pytest.mark.parametrize(
    ("columns", "field"),
    [
        ({"title": "colour"}, "columns.title"),
        ({"id": ""}, "header"),
        ({"Titel": "name"}, "columns"),
    ],
)
def test_wrong_mapping_is_named(operator_api: APIClient, columns: Any, field: str) -> None:
    row = _held(operator_api, "google.tsv")
    refused = operator_api.put(f"{URL}{row['id']}/mapping/", {"columns": columns}, format="json")
    assert (refused.status_code, refused.json()["field"]) == (400, field)


def test_unusable_feed_is_named_when_its_columns_are_asked_for(operator_api: APIClient) -> None:
    row = _held(operator_api, "google-doctype.xml")
    refused = operator_api.get(f"{URL}{row['id']}/mapping/")
    assert refused.status_code == 400
    assert "DOCTYPE" in refused.json()["detail"]


def test_uploads_that_nobody_starts_are_deleted_after_a_week(operator_api: APIClient) -> None:
    row = CatalogImport.objects.get(pk=_held(operator_api, "google.tsv")["id"])
    now = timezone.now()
    services.catalog_imports_tidy(now=now)
    assert uploads.exists(row.feed.name)
    services.catalog_imports_tidy(now=now + FILES_KEPT + timedelta(hours=1))
    assert not uploads.exists(row.feed.name)
    assert not operator_api.get(f"{URL}{row.pk}/").json()["can_start"]


def test_only_operators_have_access(stranger_api: APIClient, operator_api: APIClient) -> None:
    row = _held(operator_api, "google.tsv")
    assert stranger_api.get(f"{URL}{row['id']}/mapping/").status_code == 403
    assert stranger_api.put(f"{URL}{row['id']}/mapping/", {"columns": {}}, format="json").status_code == 403
    assert stranger_api.post(f"{URL}{row['id']}/start/", {}, format="json").status_code == 403

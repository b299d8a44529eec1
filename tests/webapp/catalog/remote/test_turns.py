"""A worker's turn at a host: pictures of a feed from a real server that misbehaves."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone
from PIL import Image
from pytest_django import Settings

from ml.images.decode import ImageLimits
from tests.factories import UserFactory, picture
from tests.support import picture_server as serve
from tests.support.picture_server import PictureServer
from webapp.catalog.importer.feeds.records import RawRow
from webapp.catalog.importer.photos import PHOTO_PX
from webapp.catalog.importer.run import feed_import
from webapp.catalog.importer.sources import NoPictures
from webapp.catalog.models import CatalogImport, ImportIssue, Photo, PictureHost, Product, RemotePicture
from webapp.catalog.remote import turns
from webapp.catalog.remote.preparing import Preparing
from webapp.catalog.remote.settling import MAX_ATTEMPTS
from webapp.catalog.remote.turns import GIVE_UP_AFTER, hosts_due, pictures_fetch
from webapp.catalog.remote.waiting import pictures_progress
from webapp.catalog.selectors import products_on_sale

pytestmark = pytest.mark.django_db


@pytest.fixture
def server(settings: Settings) -> Iterator[PictureServer]:
    settings.PRIVATE_PICTURE_HOSTS = ("localhost",)
    settings.PICTURE_REQUESTS_PER_S = 500
    with serve.picture_server() as running:
        for number in range(1, 6):
            data = picture(number, side=48)
            running.answers[f"/{number}.png"] = serve.image(data, etag=f'"{number}"')
        yield running


@pytest.fixture(scope="module")
def preparing() -> Iterator[Preparing]:
    """Sandboxes that outlive a turn, since each takes a second to start."""
    with Preparing(ImageLimits(reduce_to_px=PHOTO_PX)) as shared:
        yield shared


@pytest.fixture(autouse=True)
def _shared(monkeypatch: pytest.MonkeyPatch, preparing: Preparing) -> None:
    monkeypatch.setattr(turns, "Preparing", lambda limits: nullcontext(preparing))
    monkeypatch.setattr(turns, "Heartbeat", lambda beat: nullcontext())  # which sees no uncommitted rows


@pytest.fixture
def catalog_import() -> CatalogImport:
    now = timezone.now()
    return CatalogImport.objects.create(created_by=UserFactory(), feed_name="feed.jsonl", started_at=now)


def _import(row: CatalogImport | None, *products: list[str], sku: str = "A") -> None:
    """Import one product for each list of pictures."""
    rows = [
        RawRow(n, {"sku": f"{sku}{n}", "name": f"Stool {n}", "category": "Stools", "images": images})
        for n, images in enumerate(products, 1)
    ]
    for _ in feed_import(rows, NoPictures(), limits=ImageLimits(), catalog_import=row.pk if row else None):
        pass


def _fetch(*, later: bool = False) -> None:
    """Attend to every host that is due; `later`: also to pictures that are to be tried again."""
    if later:
        RemotePicture.objects.update(due_at=timezone.now())
        PictureHost.objects.update(due_at=timezone.now())
    for host in hosts_due(now=timezone.now()):
        pictures_fetch(host_id=host)


def _photos(sku: str) -> list[tuple[int, str]]:
    photos = Photo.objects.filter(product__sku=sku).order_by("position")
    return [(photo.position, photo.url.rpartition("/")[2]) for photo in photos]


def _files() -> set[str]:
    root = Path(default_storage.path(""))
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


def _named() -> set[str]:
    return {name for names in Photo.objects.values_list("file", "thumb", "edges") for name in names}


def test_pictures_arrive_in_order_and_their_products_go_on_sale(
    server: PictureServer, catalog_import: CatalogImport
) -> None:
    _import(catalog_import, [server.url("/1.png"), server.url("/2.png")], [server.url("/3.png")])
    assert not products_on_sale().exists()
    assert pictures_progress(catalog_import, now=timezone.now())["waiting"] == 3
    _fetch()
    assert _photos("A1") == [(0, "1.png"), (1, "2.png")]
    assert _photos("A2") == [(0, "3.png")]
    assert products_on_sale().count() == 2
    assert _files() == _named()
    assert PictureHost.objects.get().status == PictureHost.Status.IDLE
    catalog_import.refresh_from_db()
    progress = pictures_progress(catalog_import, now=timezone.now())
    assert (progress["fetched"], progress["waiting"], progress["failed"]) == (3, 0, 0)


def test_unchanged_pictures_are_not_sent_again_and_changed_ones_replace_the_old(
    server: PictureServer, catalog_import: CatalogImport
) -> None:
    feed = [server.url("/1.png")], [server.url("/2.png")]
    _import(None, *feed)
    _fetch()
    photo = Photo.objects.get(product__sku="A1")
    server.answers["/2.png"] = serve.image(picture(22, side=48), etag='"new"')
    _import(catalog_import, *feed)
    _fetch()
    assert [headers.get("if-none-match") for _, headers in server.seen] == [None, None, '"1"', '"2"']
    assert Photo.objects.get(product__sku="A1") == photo
    assert RemotePicture.objects.get(product__sku="A2").etag == '"new"'
    catalog_import.refresh_from_db()
    assert (catalog_import.pictures_unchanged, catalog_import.pictures_fetched) == (1, 1)
    assert _files() == _named()


def test_the_same_bytes_without_validators_change_nothing(server: PictureServer) -> None:
    server.answers["/1.png"] = serve.image(picture(1, side=48))
    _import(None, [server.url("/1.png")])
    _fetch()
    photo = Photo.objects.get()
    _import(None, [server.url("/1.png")])
    _fetch()
    assert server.count("/1.png") == 2
    assert Photo.objects.get() == photo


def test_a_photo_that_was_deleted_is_fetched_whole_with_the_next_import(server: PictureServer) -> None:
    _import(None, [server.url("/1.png")])
    _fetch()
    Photo.objects.get().delete()
    _import(None, [server.url("/1.png")])
    _fetch()
    assert _photos("A1") == [(0, "1.png")]
    assert "if-none-match" not in server.seen[1][1]


def test_a_feed_may_reorder_drop_and_add_pictures(server: PictureServer) -> None:
    one, two, three = (server.url(f"/{n}.png") for n in (1, 2, 3))
    _import(None, [one, two])
    _fetch()
    second = Photo.objects.get(url=two)
    _import(None, [two, three])
    assert _photos("A1") == [(0, "2.png")]
    assert Photo.objects.get(url=two) == second
    _fetch()
    assert _photos("A1") == [(0, "2.png"), (1, "3.png")]
    assert set(RemotePicture.objects.values_list("url", flat=True)) == {two, three}
    assert _files() == _named()


def test_wrong_pictures_are_named_in_the_report_and_the_right_ones_arrive(
    server: PictureServer, catalog_import: CatalogImport, settings: Settings
) -> None:
    settings.IMAGE_MAX_BYTES = 100_000
    bomb = io.BytesIO()
    Image.new("1", (6_000, 6_000)).save(bomb, "PNG")
    server.answers |= {
        "/page.png": serve.image(b"<html>", "text/html"),
        "/text.png": serve.image(b"no picture at all"),
        "/svg.png": serve.image(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml"),
        "/bomb.png": serve.image(bomb.getvalue()),
        "/endless.png": serve.endless,
        "/inside.png": serve.redirect("http://169.254.169.254/latest/meta-data/"),
    }
    wrong = ["page", "text", "svg", "bomb", "endless", "inside", "missing"]
    private = [f"http://127.0.0.1:{server.port}/1.png", "http://10.0.0.1/1.png", "http://0x7f000001/1.png"]
    _import(
        catalog_import, *[[server.url(f"/{name}.png")] for name in wrong], [server.url("/1.png"), *private]
    )
    _fetch()
    assert _photos("A8") == [(0, "1.png")]
    assert products_on_sale().count() == 1
    report = {issue.sku: issue.text for issue in ImportIssue.objects.filter(catalog_import=catalog_import)}
    for number, why in enumerate(
        ["text/html", "readable image", "readable image", "pixels", "more than", "no public", "404"], 1
    ):
        assert why in report[f"A{number}"], report
        assert wrong[number - 1] in report[f"A{number}"]
    of_private = [issue.text for issue in ImportIssue.objects.filter(sku="A8")]
    assert any("is not one of" in why for why in of_private)  # the port
    assert any("no public address" in why for why in of_private)
    assert all(issue.field == "photo" and issue.row for issue in ImportIssue.objects.all())
    assert server.count("/1.png") == 1


def test_a_passing_failure_is_tried_again_later_and_later(
    server: PictureServer, catalog_import: CatalogImport
) -> None:
    server.answers["/1.png"] = serve.status(500)
    _import(catalog_import, [server.url("/1.png"), server.url("/2.png")])
    _fetch()
    failed = RemotePicture.objects.get(url=server.url("/1.png"))
    assert (failed.status, failed.attempts, failed.error) == ("waiting", 1, "the server answers 500")
    assert timedelta(seconds=20) < failed.due_at - timezone.now() <= timedelta(seconds=30)
    assert _photos("A1") == [(1, "2.png")]
    assert products_on_sale().get().photo_url  # its second photo stands for it
    _fetch()
    assert server.count("/1.png") == 1  # not due yet
    server.answers["/1.png"] = serve.image(picture(1, side=48))
    _fetch(later=True)
    assert _photos("A1") == [(0, "1.png"), (1, "2.png")]


def test_a_lasting_failure_is_final(server: PictureServer, catalog_import: CatalogImport) -> None:
    server.answers["/1.png"] = serve.status(503)
    _import(catalog_import, [server.url("/1.png")])
    for _ in range(MAX_ATTEMPTS + 2):
        _fetch(later=True)
    assert server.count("/1.png") == MAX_ATTEMPTS
    assert "503" in ImportIssue.objects.get(catalog_import=catalog_import).text
    catalog_import.refresh_from_db()
    assert catalog_import.pictures_failed == 1


@pytest.mark.parametrize("code", [429, 503])
def test_a_host_that_asks_for_a_pause_gets_it(server: PictureServer, settings: Settings, code: int) -> None:
    settings.PICTURE_CONNECTIONS = 1
    server.answers["/1.png"] = serve.status(code, retry_after="600")
    _import(None, [server.url("/1.png")], [server.url("/2.png")], [server.url("/3.png")])
    _fetch()
    assert len(server.seen) == 1  # the others were not asked for
    host = PictureHost.objects.get()
    assert host.status == PictureHost.Status.QUEUED
    assert timedelta(seconds=590) < host.due_at - timezone.now() <= timedelta(seconds=600)
    _fetch()
    assert len(server.seen) == 1
    server.answers["/1.png"] = serve.image(picture(1, side=48))
    _fetch(later=True)
    assert Photo.objects.count() == 3


def test_requests_are_spaced_and_few_at_once(server: PictureServer, settings: Settings) -> None:
    settings.PICTURE_REQUESTS_PER_S, settings.PICTURE_CONNECTIONS = 20, 2
    _import(None, *[[server.url(f"/{n}.png")] for n in range(1, 6)])
    _fetch()
    assert Photo.objects.count() == 5
    assert server.most_at_once <= 2
    gaps = [after - before for before, after in zip(server.times, server.times[1:], strict=False)]
    assert sum(gaps) >= 4 / 20 * 0.9


def test_one_worker_at_a_time_attends_to_a_host(server: PictureServer) -> None:
    _import(None, [server.url("/1.png")])
    host = PictureHost.objects.get()
    now = timezone.now()
    PictureHost.objects.update(status="running", attempts=1, heartbeat_at=now)
    assert pictures_fetch(host_id=host.pk) is None
    assert not server.seen
    PictureHost.objects.update(heartbeat_at=now - timedelta(minutes=5))  # its worker is gone
    _fetch()
    assert _photos("A1") == [(0, "1.png")]


def test_a_host_that_never_answers_is_given_up(catalog_import: CatalogImport, settings: Settings) -> None:
    settings.PRIVATE_PICTURE_HOSTS = ("localhost",)
    _import(catalog_import, *[[f"http://localhost:9/{n}.png"] for n in range(40)])
    PictureHost.objects.update(failures=GIVE_UP_AFTER - 1)
    _fetch()
    assert not RemotePicture.objects.filter(status="waiting").exists()
    assert ImportIssue.objects.filter(catalog_import=catalog_import).count() == 40
    assert PictureHost.objects.get().status == PictureHost.Status.IDLE


def test_invalid_urls_are_named_at_once(catalog_import: CatalogImport) -> None:
    found: list[Any] = []
    addresses = ["http://user:pw@shop.example/a.png", "http://shop.example/b.png"]
    rows = [
        RawRow(n, {"sku": f"A{n}", "name": "n", "category": "c", "images": [address]})
        for n, address in enumerate(addresses, 1)
    ]
    for step in feed_import(rows, NoPictures(), limits=ImageLimits(), catalog_import=catalog_import.pk):
        found += step.findings
    assert [(finding.field, finding.refused) for finding in found] == [("photo", True)]
    assert "user name" in found[0].text
    assert [product.sku for product in Product.objects.all()] == ["A2"]

"""Imports from start to finish."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError
from pytest_django import DjangoAssertNumQueries

from ml.images.decode import ImageLimits
from tests.factories import picture
from webapp.catalog.importer import batches, run
from webapp.catalog.importer.feeds.records import RawRow
from webapp.catalog.importer.findings import FeedError, RowError
from webapp.catalog.importer.rows import row_validate
from webapp.catalog.importer.run import ImportCounts, feed_import
from webapp.catalog.models import Attribute, Category, Photo, Product, RemotePicture

pytestmark = pytest.mark.django_db


class Pictures:
    """Pictures by name: `7.png` is picture 7."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def read(self, name: str) -> bytes:
        if name == "none.png":
            raise RowError("photo", "'none.png' is not among the pictures")
        if name not in self.kept:
            self.kept[name] = picture(int(name.partition(".")[0]), side=48)
        return self.kept[name]


PICTURES = Pictures()


def _raw(number: int, **fields: object) -> RawRow:
    plain = {"sku": f"A{number}", "name": f"Stool {number}", "category": "Stools", "images": f"{number}.png"}
    return RawRow(number, {**plain, **fields})


def _imported(*rows: RawRow, pictures: Any = PICTURES, **options: Any) -> Any:
    """Return counts and findings of a complete import."""
    counts, findings = ImportCounts(), []
    for step in feed_import(rows, pictures, limits=ImageLimits(), **options):
        counts = step.counts
        findings += step.findings
    return counts, findings


def _files() -> set[str]:
    root = Path(default_storage.path(""))
    return (
        {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}
        if root.exists()
        else set()
    )


def _named_files() -> set[str]:
    return {name for names in Photo.objects.values_list("file", "thumb", "edges") for name in names}


def test_products_photos_categories_and_attributes_are_made() -> None:
    counts, findings = _imported(
        _raw(1, attributes={"width_cm": 40}, licence="CC0"),
        _raw(2, category="Bar stools"),
        _raw(3, active="no"),
    )
    assert counts == ImportCounts(created=3)
    assert not findings
    product = Product.objects.get(sku="A1")
    assert (product.name, product.category.slug, product.licence) == ("Stool 1", "stools", "CC0")
    assert product.attributes == {"width_cm": 40}
    assert Attribute.objects.get(key="width_cm").name == "Width cm"
    assert Category.objects.get(slug="bar-stools").name == "Bar stools"
    assert not Product.objects.get(sku="A3").active
    assert _files() == _named_files()
    assert len(_files()) == 9


def test_running_again_changes_nothing(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    _imported(_raw(1), _raw(2))
    before = list(Product.objects.values()), list(Photo.objects.values()), _files()
    with django_assert_max_num_queries(2):
        counts, _ = _imported(_raw(1), _raw(2))
    assert counts == ImportCounts(unchanged=2)
    assert (list(Product.objects.values()), list(Photo.objects.values()), _files()) == before


def test_changed_row_keeps_its_photo_and_changed_photo_its_product() -> None:
    _imported(_raw(1), _raw(2))
    photo, product = Photo.objects.get(product__sku="A1"), Product.objects.get(sku="A2")
    counts, _ = _imported(_raw(1, name="High stool"), _raw(2, images="12.png"))
    assert counts == ImportCounts(updated=2)
    assert Product.objects.get(sku="A1").name == "High stool"
    assert Photo.objects.get(product__sku="A1").pk == photo.pk
    assert Product.objects.get(sku="A2").pk == product.pk
    assert _files() == _named_files()  # the old photo's files are gone
    assert len(_files()) == 6


def test_a_manual_edit_is_reset_only_when_the_feed_row_or_fingerprint_changes() -> None:
    _imported(_raw(1))
    Product.objects.update(name="Edited", fingerprint="")
    assert _imported(_raw(1))[0] == ImportCounts(updated=1)
    assert Product.objects.get().name == "Stool 1"


def test_refused_rows_are_reported_and_the_others_imported() -> None:
    rows = [
        RawRow(1, None, "3 fields, the header has 4"),
        _raw(2, sku="-no good"),
        _raw(3, images="none.png"),
        _raw(4, images="4.png"),
        _raw(5, sku="A4"),
        _raw(6, name=""),
    ]
    counts, findings = _imported(*rows)
    assert counts == ImportCounts(created=1, refused=5)
    assert [(f.row, f.sku, f.field) for f in findings] == [
        (1, "", "row"),
        (2, "", "sku"),
        (3, "A3", "photo"),
        (5, "A4", "sku"),
        (6, "A6", "name"),
    ]
    assert findings[3].text == "is already in row 4"
    assert all(finding.refused for finding in findings)


def test_an_error_that_nobody_thought_of_refuses_only_its_row(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(raw: RawRow) -> Any:
        if raw.number == 1:
            raise AssertionError("expected name token")
        return row_validate(raw)

    monkeypatch.setattr("webapp.catalog.importer.run.row_validate", failing)
    counts, findings = _imported(_raw(1), _raw(2))
    assert (counts.created, counts.refused) == (1, 1)
    assert findings[0].sku == "A1"
    assert findings[0].why == "cannot be read; the error is in the server's log"


def test_an_invalid_picture_refuses_only_its_row() -> None:
    class Broken(Pictures):
        def read(self, name: str) -> bytes:
            return b"GIF89a..." if name == "2.png" else super().read(name)

    counts, findings = _imported(_raw(1), _raw(2), _raw(3), pictures=Broken())
    assert counts == ImportCounts(created=2, refused=1)
    assert (findings[0].row, findings[0].field) == (2, "photo")
    assert not Product.objects.filter(sku="A2").exists()


def test_duplicate_sku_far_apart_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "BATCH_ROWS", 2)
    counts, findings = _imported(*(_raw(n) for n in range(1, 8)), _raw(8, sku="A1"))
    assert counts == ImportCounts(created=7, refused=1)
    assert findings[0].text == "is already in row 1"


def test_duplicate_pictures_are_reported_and_imported() -> None:
    again = Pictures()
    again.kept["2.png"] = picture(1, side=48)
    again.kept["3.png"] = picture(1, side=48, compress_level=0)
    counts, findings = _imported(_raw(1), _raw(2), _raw(3), pictures=again)
    assert counts == ImportCounts(created=3)
    assert [(f.sku, f.text, f.refused) for f in findings] == [
        ("A2", "is the same picture as A1", False),
        ("A3", "looks like the picture of A1", False),
    ]


def test_dry_run_checks_everything_and_writes_nothing() -> None:
    counts, findings = _imported(_raw(1), _raw(2, images="none.png"), dry_run=True)
    assert counts == ImportCounts(created=1, refused=1)
    assert len(findings) == 1
    assert not Product.objects.exists()
    assert not Category.objects.exists()
    assert not _files()


def test_rows_without_a_picture_update_what_is_stored() -> None:
    _imported(_raw(1, brand="Oak & Co", tags="old"), _raw(2))
    photo = Photo.objects.get(product__sku="A1")
    cheaper = RawRow(1, {"sku": "A1", "price": "5.00 EUR", "tags": ""})
    counts, findings = _imported(cheaper, RawRow(2, {"sku": "A9", "price": "1.00 EUR"}))
    assert counts == ImportCounts(updated=1, refused=1)
    assert str(findings[0]) == "2 A9: name: missing; a new product needs one"
    product = Product.objects.get(sku="A1")
    assert (product.name, product.brand, product.category.slug) == ("Stool 1", "Oak & Co", "stools")
    assert (product.price, product.currency) == (Decimal(5), "EUR")
    assert product.tags == []  # an empty cell clears
    assert product.main_photo == photo
    assert _imported(cheaper)[0] == ImportCounts(unchanged=1)
    assert _imported(_raw(1, brand="Oak & Co", price="5 EUR"))[0] == ImportCounts(unchanged=1)


def _remote(sku: str) -> list[tuple[int, str]]:
    pictures = RemotePicture.objects.filter(product__sku=sku).order_by("position")
    return [(picture.position, picture.url) for picture in pictures]


def test_files_and_addresses_keep_their_order_and_a_wrong_address_costs_only_a_picture() -> None:
    images = ["1.png", "https://cdn.example/a b.jpg", "https://", "2.png"]
    counts, findings = _imported(_raw(1, images=images), _raw(2, images="https://"))
    assert counts == ImportCounts(created=1, refused=1)
    assert [(f.sku, f.field, f.refused, "'https://' is no address" in f.text) for f in findings] == [
        ("A1", "photo", False, True),
        ("A2", "photo", True, True),
    ]
    photos = Product.objects.get(sku="A1").photos.order_by("position")
    assert [photo.position for photo in photos] == [0, 3]
    assert _remote("A1") == [(1, "https://cdn.example/a%20b.jpg")]


def test_rows_without_a_picture_keep_all_pictures_and_agree_with_rows_that_name_them() -> None:
    images = ["1.png", "https://cdn.example/a.jpg", "2.png"]
    _imported(_raw(1, images=images))
    photos = list(Photo.objects.values_list("pk", "position"))
    cheaper = RawRow(1, {"sku": "A1", "price": "5 EUR"})
    assert _imported(cheaper)[0] == ImportCounts(updated=1)
    assert _imported(cheaper)[0] == ImportCounts(unchanged=1)
    assert _imported(_raw(1, images=images, price="5 EUR"))[0] == ImportCounts(unchanged=1)
    assert list(Photo.objects.values_list("pk", "position")) == photos
    assert _remote("A1") == [(1, "https://cdn.example/a.jpg")]
    assert _imported(_raw(1, images=images[:1], price="5 EUR"))[0] == ImportCounts(updated=1)
    assert (Photo.objects.count(), _remote("A1")) == (1, [])
    assert _files() == _named_files()


def test_pictures_beyond_the_thirtieth_are_left_out_with_a_warning() -> None:
    addresses = [f"https://cdn.example/{n}.jpg" for n in range(31)]
    counts, findings = _imported(_raw(1, images=addresses))
    assert counts == ImportCounts(created=1)
    assert [(f.field, f.text, f.refused) for f in findings] == [
        ("images", "31 pictures; the first 30 are used", False)
    ]
    assert [url for _, url in _remote("A1")] == addresses[:30]


def test_category_paths_become_a_tree_and_keep_what_operators_changed() -> None:
    _imported(_raw(1, category="Furniture > Chairs"), _raw(2, category="Furniture > Tables > Desks"))
    assert set(Category.objects.values_list("slug", "parent__slug")) == {
        ("furniture", None),
        ("furniture--chairs", "furniture"),
        ("furniture--tables", "furniture"),
        ("furniture--tables--desks", "furniture--tables"),
    }
    Category.objects.filter(slug="furniture--tables--desks").update(parent=None, name_en="Bureaus")
    _imported(_raw(3, category="furniture > tables > desks"))
    desks = Product.objects.get(sku="A3").category
    assert (desks.parent, desks.name_en) == (None, "Bureaus")


def test_categories_are_known_by_their_name_in_any_language_at_the_same_level() -> None:
    chairs = Category.objects.create(slug="chair", name_en="Chairs", name_de="Stühle")
    bar = Category.objects.create(slug="bar", name_en="Bar stools", name_de="Barhocker", parent=chairs)
    rows = [
        _raw(1, category="CHAIRS"),
        _raw(2, category="Stühle"),
        _raw(3, category="Chairs > barhocker"),
        _raw(4, category="Bar stools"),
        _raw(5, category="Chairs > Office chairs"),
    ]
    _imported(*rows)
    categories = dict(Product.objects.values_list("sku", "category__slug"))
    expected = ["chair", "chair", "bar", "bar-stools", "chairs--office-chairs"]
    assert [categories[f"A{n}"] for n in range(1, 6)] == expected
    assert Category.objects.get(slug="chairs--office-chairs").parent == chairs
    assert bar.parent == chairs
    assert Category.objects.count() == 4
    assert _imported(*rows)[0].unchanged == 5


def test_complete_feed_takes_the_rest_off_sale_until_it_comes_back() -> None:
    _imported(*(_raw(n) for n in range(1, 11)))
    refused = _raw(9, name="")  # says nothing of whether the product is sold
    counts, _ = _imported(*(_raw(n) for n in range(1, 9)), refused, complete=True, dry_run=True)
    assert (counts.withdrawn, Product.objects.filter(active=True).count()) == (1, 10)
    counts, _ = _imported(*(_raw(n) for n in range(1, 9)), refused, complete=True)
    assert counts == ImportCounts(unchanged=8, refused=1, withdrawn=1)
    assert Product.objects.get(active=False).sku == "A10"
    counts, _ = _imported(_raw(10))
    assert counts == ImportCounts(updated=1)
    assert not Product.objects.filter(active=False).exists()


def test_half_a_feed_takes_nothing_off_sale_unless_the_number_is_confirmed() -> None:
    _imported(*(_raw(n) for n in range(1, 11)))
    half = [_raw(n) for n in range(1, 6)]
    for confirmed in (None, 4):
        with pytest.raises(FeedError, match=r"5 of 10 products .* more than 20%.*confirm the number 5"):
            _imported(*half, complete=True, confirmed=confirmed)
    assert Product.objects.filter(active=True).count() == 10
    assert _imported(*half, complete=True, confirmed=5)[0].withdrawn == 5


def test_feed_without_a_good_row_fails() -> None:
    with pytest.raises(FeedError, match="every row was refused, such as row 1 A1: name: missing"):
        _imported(_raw(1, name=""), _raw(2, sku=""))
    with pytest.raises(FeedError, match="no rows"):
        _imported()


@pytest.mark.django_db(transaction=True)
def test_a_failed_batch_leaves_nothing_and_the_next_import_continues(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "BATCH_ROWS", 2)
    stored = batches._create_attributes
    calls = []

    def fails_once(changes: Any) -> None:
        calls.append(changes)
        if len(calls) == 2:
            raise IntegrityError("disk full")
        stored(changes)

    monkeypatch.setattr(batches, "_create_attributes", fails_once)
    with pytest.raises(IntegrityError):
        _imported(*(_raw(n) for n in range(1, 7)))
    assert set(Product.objects.values_list("sku", flat=True)) == {"A1", "A2"}
    assert _files() == _named_files()
    assert _imported(*(_raw(n) for n in range(1, 7)))[0] == ImportCounts(created=4, unchanged=2)


@pytest.mark.django_db(transaction=True)
def test_failing_change_leaves_the_old_photo(monkeypatch: pytest.MonkeyPatch) -> None:
    _imported(_raw(1))
    before = _files()

    def fails(changes: Any) -> None:
        raise IntegrityError("disk full")

    monkeypatch.setattr(batches, "_create_attributes", fails)
    with pytest.raises(IntegrityError):
        _imported(_raw(1, images="12.png"))
    assert _files() == _named_files() == before


def test_feed_with_too_many_refusals_is_aborted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "MAX_REFUSED", 100)
    endless = (RawRow(n, None, "not JSON") for n in range(1, 10**9))
    with pytest.raises(FeedError, match="refused"):
        list(feed_import(endless, PICTURES, limits=ImageLimits()))


def test_memory_does_not_grow_with_rows() -> None:
    """With sixteen times the rows, the peak grows by less than storing the SKUs would need."""

    def peak(n_rows: int, prefix: str) -> int:
        def rows() -> Iterator[RawRow]:
            for n in range(1, n_rows + 1):
                if n % 64 == 0:
                    yield _raw(n, sku=f"{prefix}{n}", images="1.png")
                elif n % 2:
                    yield _raw(n, sku=f"{prefix}{n}", images="none.png")
                else:
                    yield RawRow(n, None, "not JSON")

        tracemalloc.start()
        for step in feed_import(rows(), PICTURES, limits=ImageLimits()):
            last = step.counts
            gc.collect()  # otherwise the peak depends on when the collector runs
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert last.rows == n_rows
        assert last.created == n_rows // 64
        return size

    gc.collect()
    gc.freeze()  # later collections then only consider the import's objects
    try:
        peak(256, "warm")
        few, many = peak(256, "few"), peak(4096, "many")
    finally:
        gc.unfreeze()
    assert (many - few) / (4096 - 256) < 40

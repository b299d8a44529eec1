"""Products keep what their words answer, however they are written, and operators correct it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries

from ml.vocabulary.fit import VERSION
from tests.factories import CategoryFactory, PhotoFactory, ProductFactory
from webapp.accounts.models import User
from webapp.catalog.changes import revision
from webapp.catalog.jobs import fits_refresh_job
from webapp.catalog.models import Category, Photo, Product, WordCorrection
from webapp.catalog.services import categories_update
from webapp.catalog.words.selectors import catalogue_fits
from webapp.catalog.words.services import correction_set, corrections_reset, fits_refresh
from webapp.input.text import InputError

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_stores]


def fit(product: Product, name: str) -> float:
    """Return the fit that a search would use, by the product's photo."""
    fits = catalogue_fits()
    photo = Photo.objects.get(product=product, position=0)
    group = fits.of_photos(np.array([photo.pk]))[0]
    return round(float(fits.rows[group, fits.names.index(name)]), 2)


def test_a_saved_product_keeps_its_fits() -> None:
    product = ProductFactory(name="Oak dining chair")
    product.refresh_from_db()
    assert product.fits["chair"] == pytest.approx(1, abs=0.1)
    assert product.fits_version == VERSION
    product.name = "Table lamp"
    product.save()
    product.refresh_from_db()
    assert "chair" not in product.fits
    assert fit(product, "floor lamp") >= 0.5


def test_saving_some_fields_leaves_fits_alone() -> None:
    product = ProductFactory(name="Sofa")
    Product.objects.update(fits={"chair": 0.5})
    product.active = False
    product.save(update_fields=["active"])
    product.refresh_from_db()
    assert product.fits == {"chair": 0.5}


def _renamed(category: Category) -> None:
    category.name_en = "Sofas"
    category.save()


RENAMES: dict[str, Callable[[Category], object]] = {
    "saved": _renamed,
    "imported": lambda category: categories_update(names={category.slug: {"en": "Sofas", "de": ""}}),
}


@pytest.mark.parametrize("how", RENAMES)
@pytest.mark.parametrize("refresh", [fits_refresh_job, lambda: call_command("catalog_words"), None])
def test_a_renamed_category_changes_its_products(how: str, refresh: Callable[[], object] | None) -> None:
    product = ProductFactory(name="Kivik", category=CategoryFactory(name_en="Lamps"))
    other = ProductFactory(name="Table")
    assert fit(product, "floor lamp") > 0
    RENAMES[how](product.category)
    if refresh:
        refresh()
        product.refresh_from_db()
        assert product.fits_version == VERSION
    assert fit(product, "couch") >= 0.5  # even before a worker has stored it
    assert fit(product, "floor lamp") == 0
    assert fit(other, "table") >= 0.5


def test_names_that_stay_cost_no_work() -> None:
    product = ProductFactory(category=CategoryFactory(slug="sofa", name_en="Sofas"))
    categories_update(names={"sofa": {"en": "Sofas"}})
    product.refresh_from_db()
    assert product.fits_version == VERSION
    assert fits_refresh() == 0


def test_rows_of_before_are_computed_when_they_are_read_and_stored_by_the_command() -> None:
    product = ProductFactory(name="Umbrella")
    Product.objects.update(fits={}, fits_version=0)
    assert fit(product, "umbrella") >= 0.8
    call_command("catalog_words")
    product.refresh_from_db()
    assert product.fits["umbrella"] >= 0.8


def test_the_command_can_compute_everything_again() -> None:
    product = ProductFactory(name="Umbrella")
    Product.objects.update(fits={"chair": 1})
    call_command("catalog_words")
    assert fit(product, "chair") == 1
    call_command("catalog_words", "--all")
    assert fit(product, "chair") == 0


def test_a_correction_overrides_and_a_products_own_comes_first(operator: User) -> None:
    category = CategoryFactory(name_en="Chairs")
    one, other = (ProductFactory(name="Chair", category=category) for _ in range(2))
    elsewhere = ProductFactory(name="Chair")
    before = fit(one, "chair")
    correction_set(of=category, name="chair", weight=0.4, by=operator)
    correction_set(of=category, name="tent", weight=1.0, by=operator)
    correction_set(of=one, name="chair", weight=0.0, by=operator)
    assert (fit(one, "chair"), fit(other, "chair"), fit(elsewhere, "chair")) == (0, 0.4, before)
    assert (fit(one, "tent"), fit(other, "tent"), fit(elsewhere, "tent")) == (1, 1, 0)
    fits_refresh()
    call_command("catalog_words", "--all")
    assert fit(one, "chair") == 0
    correction_set(of=one, name="chair", weight=None, by=operator)
    assert fit(one, "chair") == 0.4
    corrections_reset(of=category)
    assert fit(one, "chair") == before
    assert fit(one, "tent") == 0


def test_correcting_again_replaces(operator: User) -> None:
    product = ProductFactory()
    for weight in (0.2, 0.7):
        correction_set(of=product, name="tent", weight=weight, by=operator)
    row = WordCorrection.objects.get()
    assert (row.weight, row.changed_by) == (0.7, operator)


def test_unknown_name_is_refused(operator: User) -> None:
    with pytest.raises(InputError, match="not a name that a sketch may have"):
        correction_set(of=ProductFactory(), name="warp drive", weight=1, by=operator)


@pytest.mark.parametrize(
    "wrong",
    [{"weight": 1.5}, {"weight": -0.1}, {"name": ""}, {"product": None}, {"both": True}, {"twice": True}],
)
def test_the_database_refuses_wrong_corrections(wrong: dict[str, object]) -> None:
    product = ProductFactory()
    row = {"product": product, "name": "chair", "weight": 1.0, **wrong}
    if row.pop("both", False):
        row["category"] = product.category
    if row.pop("twice", False):
        WordCorrection.objects.create(**row)
    with pytest.raises(IntegrityError), transaction.atomic():
        WordCorrection.objects.create(**row)


def test_products_with_equal_fits_share_a_row() -> None:
    category = CategoryFactory(name_en="Tents")
    for _ in range(3):
        ProductFactory(name="Tent", category=category)
    nothing = ProductFactory(name="XR-20")
    fits = catalogue_fits()
    assert fits.rows.shape == (2, 345)
    assert fits.rows.dtype == np.float32
    assert not fits.rows[0].any()
    assert fits.groups.tolist() == [1, 1, 1, 0]
    photos = np.array([*Photo.objects.order_by("-pk").values_list("pk", flat=True), 10**9, 0])
    assert fits.of_photos(photos).tolist() == [0, 1, 1, 1, 0, 0]
    assert nothing.pk in fits.product_ids


def test_every_photo_of_a_product_on_sale_has_its_group() -> None:
    product = ProductFactory(name="Tent")
    second = PhotoFactory(product=product, position=1)
    off = ProductFactory(name="Tent", active=False)
    fits = catalogue_fits()
    assert fits.of_photos(np.array([second.pk])).tolist() == [1]
    assert fits.of_photos(np.array([off.photos.get().pk])).tolist() == [0]


def test_an_empty_catalogue() -> None:
    fits = catalogue_fits()
    assert len(fits.product_ids) == 0
    assert fits.of_photos(np.array([1, 2])).tolist() == [0, 0]


def test_the_catalogue_is_read_once_per_revision(
    operator: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    product = ProductFactory(name="Tent")
    first = catalogue_fits()
    with django_assert_num_queries(1):
        assert catalogue_fits() is first
    before = revision()
    correction_set(of=product, name="tent", weight=0, by=operator)
    assert revision() > before
    assert catalogue_fits() is not first
    corrections_reset(of=product)
    assert fit(product, "tent") > 0


def test_words_of_a_path_count_where_its_last_step_says_nothing() -> None:
    lighting = CategoryFactory(slug="lighting", name_en="Lighting", name_de="")
    lamps = CategoryFactory(slug="lighting--lamps", name_en="Floor lamps", name_de="", parent=lighting)
    kids = CategoryFactory(slug="lighting--lamps--kids", name_en="Kids", name_de="", parent=lamps)
    products = [ProductFactory(name=f"Luna {n}", category=kids) for n in range(3)]
    assert products[0].fits["floor lamp"] > 0.5
    lamps.name_en = "Beds"
    lamps.save()
    assert fit(products[0], "bed") > 0.5  # before it is stored
    assert fits_refresh() == 3
    products[0].refresh_from_db()
    assert "bed" in products[0].fits
    assert "floor lamp" not in products[0].fits

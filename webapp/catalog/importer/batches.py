"""Write validated rows to database and files, a batch completely or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import Min
from django.utils import timezone

from ml.errors import gettext_noop
from webapp.catalog.importer.files import files_named, files_remove, files_write
from webapp.catalog.importer.findings import Finding
from webapp.catalog.importer.galleries import Gallery, photos_replace, remote_request
from webapp.catalog.importer.loading import Picture
from webapp.catalog.importer.photos import PreparedPhoto
from webapp.catalog.importer.rows import STORED, FeedRow
from webapp.catalog.importer.tree import categories_store
from webapp.catalog.models import Attribute, Photo, Product
from webapp.catalog.tree import ancestors_load


@dataclass(frozen=True, slots=True)
class Change:
    """A row that is new or differs from what is stored. `pictures` is None where the stored photos stay."""

    row: FeedRow
    fingerprint: str
    pictures: Sequence[Picture] | None
    product: Product | None  # None: new

    @property
    def prepared(self) -> list[PreparedPhoto]:
        """The photos that are new."""
        return [picture.ready for picture in self.pictures or () if picture.ready]

    @property
    def has_urls(self) -> bool:
        return any(picture.url for picture in self.pictures or ())


def batch_store(
    changes: Sequence[Change], unchanged: Sequence[Change] = (), *, catalog_import: UUID | None = None
) -> list[Finding]:
    """Write the changes in one transaction. Return rows that deserve attention, such as duplicates.

    unchanged: rows whose pictures by URL are to be looked at again. catalog_import: whose report has what is wrong with
    pictures by URL.

    Files are written first, so that no row ever names a missing file. If the transaction fails, they are removed;
    after it succeeds, the files that it replaced are removed.
    """
    written: list[str] = []
    try:
        for change in changes:
            for photo in change.prepared:
                files_write(change.row.sku, photo, written)
        with transaction.atomic():
            products = _store_products(changes)
            galleries = _galleries(changes, products)
            replaced = photos_replace(galleries)
            remote_request([*galleries, *_galleries(unchanged, {})], catalog_import)
            _create_attributes(changes)
    except BaseException:
        _roll_back(changes, written)
        raise
    files_remove(set(replaced) - set(written))
    return _duplicates(changes)


def _roll_back(changes: Sequence[Change], written: Sequence[str]) -> None:
    """Remove the files of a failed batch, except those that rows name, such as another import's."""
    files_remove(set(written) - files_named(change.row.sku for change in changes))


def _store_products(changes: Sequence[Change]) -> dict[str, Product]:
    categories = categories_store([change.row.category for change in changes if change.row.category])
    kept = [change.product.category for change in changes if change.product and not change.row.category]
    ancestors_load([*categories.values(), *kept])
    new: list[Product] = []
    changed: list[Product] = []
    now = timezone.now()
    for change in changes:
        product = change.product or Product(sku=change.row.sku)
        row = change.row
        if row.category:
            product.category = categories[row.category_slug]
        for name in STORED:
            setattr(product, name, getattr(row, name))
        product.tags, product.attributes = list(row.tags), dict(row.attributes)
        product.fingerprint, product.updated_at = change.fingerprint, now
        product.compute_fits()
        (changed if change.product else new).append(product)
    Product.objects.bulk_create(new)
    Product.objects.bulk_update(
        changed, [*STORED, "category", "fingerprint", "fits", "fits_version", "updated_at"]
    )
    return {product.sku: product for product in [*new, *changed]}


def _galleries(changes: Sequence[Change], products: dict[str, Product]) -> list[Gallery]:
    found = []
    for change in changes:
        product = products.get(change.row.sku) or change.product
        if product is not None and change.pictures is not None:
            found.append((product, change.row.number, change.pictures))
    return found


def _create_attributes(changes: Sequence[Change]) -> None:
    keys = {key for change in changes for key in change.row.attributes}
    new = keys - set(Attribute.objects.filter(key__in=keys).values_list("key", flat=True))
    labels = {key: label for change in changes for key, label in change.row.labels.items()}
    Attribute.objects.bulk_create(
        [
            Attribute(key=key, name_en=labels.get(key) or key.replace("_", " ").capitalize())
            for key in sorted(new)
        ],
        ignore_conflicts=True,
    )


def _duplicates(changes: Sequence[Change]) -> list[Finding]:
    """Return rows whose new photo is, or looks like, that of an existing product."""
    renewed = [(change.row, photo) for change in changes for photo in change.prepared]
    alike = Photo.objects.filter(dhash__in={photo.dhash for _, photo in renewed}, product__private=False)
    firsts = alike.values("dhash").annotate(first=Min("product_id")).values_list("first")
    first_of = {
        dhash: (sku, sha256)
        for dhash, sku, sha256 in alike.filter(product_id__in=firsts).values_list(
            "dhash", "product__sku", "sha256"
        )
    }
    findings = []
    for row, photo in renewed:
        other, sha256 = first_of.get(photo.dhash, (row.sku, ""))
        if other != row.sku:
            same = sha256 == photo.sha256
            why = (
                gettext_noop("is the same picture as {sku}")
                if same
                else gettext_noop("looks like the picture of {sku}")
            )
            findings.append(
                Finding(row.number, row.sku, row.column("photo"), why, refused=False, values={"sku": other})
            )
    return findings

"""Write validated rows to database and files, a batch completely or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Min
from django.utils import timezone

from webapp.catalog.importer.findings import Finding
from webapp.catalog.importer.photos import VERSION, PreparedPhoto, sha256_of
from webapp.catalog.importer.rows import FeedRow
from webapp.catalog.models import Attribute, Category, Photo, Product


@dataclass(frozen=True, slots=True)
class Change:
    """A row that is new or differs from what is stored. `photo` is None where the stored one stays."""

    row: FeedRow
    fingerprint: str
    photo: PreparedPhoto | None
    product: Product | None  # None: new


def batch_store(changes: Sequence[Change]) -> list[Finding]:
    """Write the changes in one transaction. Return rows that deserve attention, such as duplicates.

    Files are written first, so that no row ever names a missing file. If the transaction fails, they are removed;
    after it succeeds, the files that it replaced are removed.
    """
    written: list[str] = []
    try:
        files = {c.row.sku: _write_files(c.row.sku, c.photo, written) for c in changes if c.photo}
        with transaction.atomic():
            products = _store_products(changes)
            replaced = _store_photos(changes, products, files)
            _create_attributes(changes)
    except BaseException:
        _roll_back(changes, written)
        raise
    _remove(set(replaced) - set(written))
    return _duplicates(changes)


def file_names(sku: str, sha256: str) -> tuple[str, str, str]:
    """Return the names of photo, thumbnail and edges, which depend on product, picture and `VERSION`."""
    content = sha256_of(f"{sha256} {VERSION}".encode())
    stem = f"{content[:2]}/{sku.replace(':', '_').replace('+', '_')}-{content[:16]}"
    return f"photos/{stem}.webp", f"thumbs/{stem}.webp", f"edges/{stem}.png"


def _write_files(sku: str, photo: PreparedPhoto, written: list[str]) -> tuple[str, str, str]:
    names = file_names(sku, photo.sha256)
    for name, data in zip(names, (photo.photo, photo.thumb, photo.edges), strict=True):
        written.append(name)
        default_storage.save(name, ContentFile(data))
    return names


def _roll_back(changes: Sequence[Change], written: Sequence[str]) -> None:
    """Remove the files of a failed batch, except those that rows name, such as another import's."""
    photos = Photo.objects.filter(product__sku__in=[change.row.sku for change in changes])
    named = {name for names in photos.values_list("file", "thumb", "edges") for name in names}
    _remove(set(written) - named)


def _remove(names: Iterable[str]) -> None:
    for name in names:
        default_storage.delete(name)


def _store_products(changes: Sequence[Change]) -> dict[str, Product]:
    categories = _categories(changes)
    new: list[Product] = []
    changed: list[Product] = []
    now = timezone.now()
    for change in changes:
        product = change.product or Product(sku=change.row.sku)
        row = change.row
        product.name, product.category = row.name, categories[row.category_slug]
        product.licence, product.author, product.source = row.licence, row.author, row.source
        product.attributes, product.active = dict(row.attributes), row.active
        product.fingerprint, product.updated_at = change.fingerprint, now
        product.compute_fits()
        (changed if change.product else new).append(product)
    Product.objects.bulk_create(new)
    Product.objects.bulk_update(
        changed,
        [
            "name",
            "category",
            "licence",
            "author",
            "source",
            "attributes",
            "active",
            "fingerprint",
            "fits",
            "fits_version",
            "updated_at",
        ],
    )
    return {product.sku: product for product in [*new, *changed]}


def _categories(changes: Sequence[Change]) -> dict[str, Category]:
    """Return the categories of the rows; create unknown ones, with the name in the feed."""
    wanted = {change.row.category_slug: change.row.category_name for change in changes}
    names = {
        slug: name.replace("-", " ").capitalize() if name == slug else name for slug, name in wanted.items()
    }
    known = set(Category.objects.filter(slug__in=names).values_list("slug", flat=True))
    Category.objects.bulk_create(
        [Category(slug=slug, name_en=name) for slug, name in names.items() if slug not in known],
        ignore_conflicts=True,
    )
    return {category.slug: category for category in Category.objects.filter(slug__in=names)}


def _store_photos(
    changes: Sequence[Change], products: dict[str, Product], files: dict[str, tuple[str, str, str]]
) -> list[str]:
    """Replace the old photos by the new. Return the names of files that no row names any more."""
    renewed = [change for change in changes if change.photo]
    old = Photo.objects.filter(product__in=[products[change.row.sku] for change in renewed], position=0)
    replaced = [name for names in old.values_list("file", "thumb", "edges") for name in names]
    old.delete()
    photos = []
    for change in renewed:
        ready, (file, thumb, edges) = change.photo, files[change.row.sku]
        assert ready is not None
        x0, y0, x1, y1 = ready.box
        photos.append(
            Photo(
                product=products[change.row.sku],
                file=file,
                thumb=thumb,
                edges=edges,
                width=ready.width,
                height=ready.height,
                box_x0=x0,
                box_y0=y0,
                box_x1=x1,
                box_y1=y1,
                sha256=ready.sha256,
                dhash=ready.dhash,
            )
        )
    Photo.objects.bulk_create(photos)
    return replaced


def _create_attributes(changes: Sequence[Change]) -> None:
    keys = {key for change in changes for key in change.row.attributes}
    new = keys - set(Attribute.objects.filter(key__in=keys).values_list("key", flat=True))
    Attribute.objects.bulk_create(
        [Attribute(key=key, name_en=key.replace("_", " ").capitalize()) for key in sorted(new)],
        ignore_conflicts=True,
    )


def _duplicates(changes: Sequence[Change]) -> list[Finding]:
    """Return rows whose new photo is, or looks like, that of an existing product."""
    renewed = [(change.row, change.photo) for change in changes if change.photo]
    alike = Photo.objects.filter(dhash__in={photo.dhash for _, photo in renewed})
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
            how = "is the same picture as" if sha256 == photo.sha256 else "looks like the picture of"
            findings.append(Finding(row.number, row.sku, "photo", f"{how} {other}", refused=False))
    return findings

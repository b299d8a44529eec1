"""The files of a prepared photo, and the row that names them."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from webapp.catalog.importer.photos import VERSION, PreparedPhoto, sha256_of
from webapp.catalog.models import Photo, Product
from webapp.catalog.skus import sku_stem


def file_names(sku: str, sha256: str) -> tuple[str, str, str]:
    """Return the names of photo, thumbnail and edges, which depend on product, picture and `VERSION`.

    sku: the product's, or what stands in for it where the address must not tell it.
    """
    content = sha256_of(f"{sha256} {VERSION}".encode())
    stem = f"{content[:2]}/{sku_stem(sku)}-{content[:16]}"
    return f"photos/{stem}.webp", f"thumbs/{stem}.webp", f"edges/{stem}.png"


def files_write(sku: str, photo: PreparedPhoto, written: list[str]) -> None:
    """Write the photo's files and append their names to `written`, each before its file exists."""
    for name, data in zip(
        file_names(sku, photo.sha256), (photo.photo, photo.thumb, photo.edges), strict=True
    ):
        written.append(name)
        default_storage.save(name, ContentFile(data))


def files_remove(names: Iterable[str]) -> None:
    for name in names:
        default_storage.delete(name)


def files_named(skus: Iterable[str]) -> set[str]:
    """Return the names of all files of these products' photos."""
    photos = Photo.objects.filter(product__sku__in=list(skus))
    return {name for names in photos.values_list("file", "thumb", "edges") for name in names}


def photo_row(
    product: Product, position: int, ready: PreparedPhoto, *, url: str = "", stem: str = ""
) -> Photo:
    """Return the unsaved row of a prepared photo. stem: what its files are named after instead of the SKU."""
    file, thumb, edges = file_names(stem or product.sku, ready.sha256)
    x0, y0, x1, y1 = ready.box
    return Photo(
        product=product,
        position=position,
        url=url,
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

"""The photos of the catalogue that an index contains, and a hash to compare catalogues."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ml.retrieval.index import KEY_BYTES
from webapp.catalog.models import Photo

_CHUNK = 2_000


class GalleryPhoto(NamedTuple):
    """A photo of a product on sale, which may have several. The file behind a name never changes."""

    id: int
    file: str
    product: int

    @property
    def key(self) -> bytes:
        """16 bytes that identify the picture, independent of its row."""
        return hashlib.sha256(self.file.encode()).digest()[:KEY_BYTES]


def gallery_photos() -> Iterator[GalleryPhoto]:
    """Yield every photo that belongs in an index, by ascending id."""
    photos = Photo.objects.filter(product__active=True).order_by("pk")
    for row in photos.values_list("pk", "file", "product_id").iterator(_CHUNK):
        yield GalleryPhoto(*row)


def catalogue_sha256() -> str:
    """Return a SHA-256 of ids and files of all photos that belong in an index: equal if nothing has changed."""
    return photos_sha256(gallery_photos())


def photos_sha256(photos: Iterable[GalleryPhoto]) -> str:
    """Return `catalogue_sha256` of photos that have already been read."""
    digest = hashlib.sha256()
    for photo in photos:
        digest.update(f"{photo.id}:{photo.file}\n".encode())
    return digest.hexdigest()

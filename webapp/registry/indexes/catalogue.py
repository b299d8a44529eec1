"""The photos of the catalogue that an index holds, and the hash that tells two catalogues apart."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ml.retrieval.index import KEY_BYTES
from webapp.catalog.models import Photo

_CHUNK = 2_000


class GalleryPhoto(NamedTuple):
    """A photo of a product on sale. A file never changes under its name."""

    id: int
    file: str

    @property
    def key(self) -> bytes:
        """16 bytes that stand for the picture, whatever row it belongs to."""
        return hashlib.sha256(self.file.encode()).digest()[:KEY_BYTES]


def gallery_photos() -> Iterator[GalleryPhoto]:
    """Every photo that belongs into an index, by rising id."""
    photos = Photo.objects.filter(product__active=True).order_by("pk")
    for row in photos.values_list("pk", "file").iterator(_CHUNK):
        yield GalleryPhoto(*row)


def catalogue_sha256() -> str:
    """SHA-256 over ids and files of all photos that belong into an index: equal where nothing changed."""
    return photos_sha256(gallery_photos())


def photos_sha256(photos: Iterable[GalleryPhoto]) -> str:
    """`catalogue_sha256` of photos already read."""
    digest = hashlib.sha256()
    for photo in photos:
        digest.update(f"{photo.id}:{photo.file}\n".encode())
    return digest.hexdigest()

"""One batch of an index build: photos that are encoded, or copied from an earlier index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import structlog
from django.core.files.storage import default_storage
from numpy.typing import NDArray

from ml.errors import ImageError
from ml.images.decode import decode_image
from ml.images.views import gallery_images, prepared_images
from ml.retrieval.half import to_float32
from ml.retrieval.index import KEY_BYTES, GalleryIndex
from ml.serving.encoder import Encoder
from ml.sketch.raster import RasterSpec
from webapp.catalog.importer.photos import edges_of_ink, thumb_pixels
from webapp.catalog.models import Photo
from webapp.registry.indexes.catalogue import GalleryPhoto

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class EncodedBatch:
    """The readable photos of a batch, in order: the arguments of `IndexBuilder.add`."""

    ids: NDArray[np.int64]  # (B,)
    keys: NDArray[np.uint8]  # (B, 16)
    embeddings: NDArray[np.float32]  # (B, D)
    hash_codes: NDArray[np.uint8]  # (B, K / 8)


def photo_rows(photos: Sequence[GalleryPhoto]) -> dict[int, Photo]:
    """Return what the importer has prepared of these photos, by id."""
    return Photo.objects.in_bulk([photo.id for photo in photos])


def photos_encode(
    encoder: Encoder, photos: Sequence[GalleryPhoto], rows: Mapping[int, Photo] | None = None
) -> EncodedBatch:
    """Encode photos; several threads may do so at once.

    rows: their `photo_rows`, for threads that have no database connection. Unreadable photos are left out and logged, so
    that a broken file does not stop the build.
    """
    rows = photo_rows(photos) if rows is None else rows
    views, raster = encoder.manifest.gallery_inputs, encoder.raster
    seen = {
        photo: images
        for photo in photos
        if (images := photo_views(photo, rows.get(photo.id), views, raster)) is not None
    }
    encoded = encoder.encode_views([image for images in seen.values() for image in images])
    return EncodedBatch(*_ids_and_keys(list(seen)), encoded.embeddings, encoded.hash_codes)


def photo_views(
    photo: GalleryPhoto, row: Photo | None, views: Sequence[str], raster: RasterSpec
) -> list[NDArray[np.uint8]] | None:
    """Return `views` of a photo in the encoder's frame; None if it cannot be read.

    row: what the importer has prepared of it; None if the photo is not in the catalogue any more.

    Edges and box are those that the importer has found, and the thumbnail suffices for the encoder's small frame: finding
    edges and decoding a whole photo each take longer than encoding.
    """
    if row is not None and row.edges:
        try:
            picture, edges = (
                thumb_pixels(_read(str(row.thumb.name))),
                edges_of_ink(_read(str(row.edges.name))),
            )
            return prepared_images(picture, edges, row.box, views, raster)
        except (OSError, ImageError) as error:
            log.warning("photo_not_prepared", photo=photo.id, error=str(error))
    picture_alone = photo_read(photo)
    return None if picture_alone is None else gallery_images(picture_alone, views, raster)


class KnownPictures:
    """The pictures in an earlier index of the same encoder, which need not be encoded again."""

    def __init__(self, earlier: GalleryIndex | None) -> None:
        self._earlier = earlier
        self._row_of = {key.tobytes(): row for row, key in enumerate(earlier.keys)} if earlier else {}

    def split(self, photos: Sequence[GalleryPhoto]) -> tuple[list[tuple[int, int]], list[GalleryPhoto]]:
        """Split photos into known ones, as their ids and their rows in the earlier index, and new ones."""
        known: list[tuple[int, int]] = []
        new: list[GalleryPhoto] = []
        for photo in photos:
            row = self._row_of.get(photo.key)
            if row is None:
                new.append(photo)
            else:
                known.append((photo.id, row))
        return known, new

    def copied(self, known: Sequence[tuple[int, int]]) -> EncodedBatch:
        """Return known photos with their earlier encoding."""
        assert self._earlier is not None
        ids, rows = np.array(known, np.int64).T
        embeddings = to_float32(self._earlier.embeddings[rows])
        return EncodedBatch(ids, self._earlier.keys[rows], embeddings, self._earlier.codes[rows])


def _ids_and_keys(photos: Sequence[GalleryPhoto]) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    keys = np.frombuffer(b"".join(photo.key for photo in photos), np.uint8)
    return np.array([photo.id for photo in photos], np.int64), keys.reshape(len(photos), KEY_BYTES)


def photo_read(photo: GalleryPhoto) -> NDArray[np.uint8] | None:
    """Return the picture's pixels, or None if it cannot be read."""
    try:
        return decode_image(_read(photo.file), field=photo.file)
    except (OSError, ImageError) as error:
        log.warning("photo_unreadable", photo=photo.id, error=str(error))
        return None


def _read(name: str) -> bytes:
    with default_storage.open(name) as file:
        data: bytes = file.read()
    return data

"""One batch of an index build: photos that are encoded, or copied from an earlier index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import structlog
from django.core.files.storage import default_storage
from numpy.typing import NDArray

from ml.errors import ImageError
from ml.images.decode import decode_image
from ml.retrieval.half import to_float32
from ml.retrieval.index import KEY_BYTES, GalleryIndex
from ml.serving.encoder import Encoder
from webapp.registry.indexes.catalogue import GalleryPhoto

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class EncodedBatch:
    """The readable photos of a batch, in order: the arguments of `IndexBuilder.add`."""

    ids: NDArray[np.int64]  # (B,)
    keys: NDArray[np.uint8]  # (B, 16)
    embeddings: NDArray[np.float32]  # (B, D)
    hash_codes: NDArray[np.uint8]  # (B, K / 8)


def photos_encode(encoder: Encoder, photos: Sequence[GalleryPhoto]) -> EncodedBatch:
    """Encode photos; several threads may do so at once.

    Unreadable photos are left out and logged, so that a broken file does not stop the build.
    """
    images = {photo: image for photo in photos if (image := photo_read(photo)) is not None}
    encoded = encoder.encode_photos(list(images.values()))
    return EncodedBatch(*_ids_and_keys(list(images)), encoded.embeddings, encoded.hash_codes)


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
        with default_storage.open(photo.file) as file:
            return decode_image(file.read(), field=photo.file)
    except (OSError, ImageError) as error:
        log.warning("photo_unreadable", photo=photo.id, error=str(error))
        return None

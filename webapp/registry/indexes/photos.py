"""One batch of an index build: photos encoded, or taken over from an earlier index."""

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
    """The readable photos of a batch, in order: what `IndexBuilder.add` takes."""

    ids: NDArray[np.int64]  # (B,)
    keys: NDArray[np.uint8]  # (B, 16)
    embeddings: NDArray[np.float32]  # (B, D)
    hash_codes: NDArray[np.uint8]  # (B, K / 8)


def photos_encoded(encoder: Encoder, photos: Sequence[GalleryPhoto]) -> EncodedBatch:
    """Encodes photos; several threads may do so at once.

    Unreadable ones are left out and logged: one broken file must not hide the catalogue.
    """
    images = {photo: image for photo in photos if (image := photo_read(photo)) is not None}
    encoded = encoder.encode_photos(list(images.values()))
    return EncodedBatch(*_named(list(images)), encoded.embeddings, encoded.hash_codes)


class KnownPictures:
    """What an earlier index of the same encoder holds: pictures that need not be encoded again."""

    def __init__(self, earlier: GalleryIndex | None) -> None:
        self._earlier = earlier
        self._row_of = {key.tobytes(): row for row, key in enumerate(earlier.keys)} if earlier else {}

    def divided(self, photos: Sequence[GalleryPhoto]) -> tuple[list[tuple[int, int]], list[GalleryPhoto]]:
        """Of photos whose pictures are known: their ids and their rows in the earlier index; and the others."""
        known: list[tuple[int, int]] = []
        new: list[GalleryPhoto] = []
        for photo in photos:
            row = self._row_of.get(photo.key)
            if row is None:
                new.append(photo)
            else:
                known.append((photo.id, row))
        return known, new

    def taken_over(self, known: Sequence[tuple[int, int]]) -> EncodedBatch:
        """Known photos, as they were encoded then."""
        assert self._earlier is not None
        ids, rows = np.array(known, np.int64).T
        embeddings = to_float32(self._earlier.embeddings[rows])
        return EncodedBatch(ids, self._earlier.keys[rows], embeddings, self._earlier.codes[rows])


def _named(photos: Sequence[GalleryPhoto]) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    keys = np.frombuffer(b"".join(photo.key for photo in photos), np.uint8)
    return np.array([photo.id for photo in photos], np.int64), keys.reshape(len(photos), KEY_BYTES)


def photo_read(photo: GalleryPhoto) -> NDArray[np.uint8] | None:
    """The picture's pixels, or None where it cannot be read."""
    try:
        with default_storage.open(photo.file) as file:
            return decode_image(file.read(), field=photo.file)
    except (OSError, ImageError) as error:
        log.warning("photo_unreadable", photo=photo.id, error=str(error))
        return None

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
from ml.retrieval.index import KEY_BYTES, GalleryIndex
from ml.serving.encoder import Encoder
from webapp.registry.selectors import GalleryPhoto

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class EncodedBatch:
    """The readable photos of a batch, in order: what `IndexBuilder.add` takes."""

    ids: NDArray[np.int64]  # (B,)
    embeddings: NDArray[np.float32]  # (B, D)
    hash_codes: NDArray[np.uint8]  # (B, K / 8)
    keys: NDArray[np.uint8]  # (B, 16)


class PhotoEncoder:
    """Encodes batches of photos; several threads may call it at once."""

    def __init__(self, encoder: Encoder, earlier: GalleryIndex | None) -> None:
        self._encoder = encoder
        self._earlier = earlier
        self._row_of = {key.tobytes(): row for row, key in enumerate(earlier.keys)} if earlier else {}

    def __call__(self, photos: Sequence[GalleryPhoto]) -> EncodedBatch:
        """Unreadable photos are left out and logged: one broken file must not hide the catalogue."""
        images, known = {}, {}
        for photo in photos:
            row = self._row_of.get(photo.key)
            if row is not None:
                known[photo.id] = row
            elif (image := _read(photo)) is not None:
                images[photo.id] = image
        encoded = self._encoder.encode_photos(list(images.values()))
        place = {photo_id: n for n, photo_id in enumerate(images)}
        kept = [photo for photo in photos if photo.id in place or photo.id in known]
        embeddings = np.empty((len(kept), self._encoder.embedding_dim), np.float32)
        codes = np.empty((len(kept), self._encoder.code_length // 8), np.uint8)
        for n, photo in enumerate(kept):
            if photo.id in place:
                source = place[photo.id]
                embeddings[n], codes[n] = encoded.embeddings[source], encoded.hash_codes[source]
            elif self._earlier:
                row = known[photo.id]
                embeddings[n], codes[n] = self._earlier.embeddings[row], self._earlier.codes[row]
        keys = np.frombuffer(b"".join(photo.key for photo in kept), np.uint8).reshape(len(kept), KEY_BYTES)
        return EncodedBatch(np.array([photo.id for photo in kept], np.int64), embeddings, codes, keys)


def _read(photo: GalleryPhoto) -> NDArray[np.uint8] | None:
    try:
        with default_storage.open(photo.file) as file:
            return decode_image(file.read(), field=photo.file)
    except (OSError, ImageError) as error:
        log.warning("photo_unreadable", photo=photo.id, error=str(error))
        return None

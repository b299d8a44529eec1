"""Checks that a build must pass before it is ready: the index contains the catalogue, and photos find themselves."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ml.errors import IndexMismatchError
from ml.retrieval.index import GalleryIndex
from ml.retrieval.two_stage import TwoStageSearch
from ml.serving.encoder import Encoder
from webapp.registry.indexes.catalogue import GalleryPhoto
from webapp.registry.indexes.photos import photos_encode

N_SAMPLED = 8
_SAME_COSINE = 0.98  # of one photo encoded twice; half precision and other batch sizes cost 0.001


def index_check(
    folder: Path, *, encoder: Encoder, photos: Sequence[GalleryPhoto], n_skipped: int
) -> GalleryIndex:
    """Return the index in `folder`, checked against its photos, of which `n_skipped` were unreadable.

    Raises IndexMismatchError naming what is wrong: a file's hash, a missing or extra photo, or a row whose embedding or
    code does not match its photo.
    """
    index = GalleryIndex.open(
        folder, expect_encoder_sha256=encoder.sha256, expect_code_length=encoder.code_length
    )
    if len(index) != len(photos) - n_skipped:
        raise IndexMismatchError("n", f"{len(index)} photos, expected {len(photos) - n_skipped}")
    if unexpected := np.setdiff1d(index.ids, [photo.id for photo in photos]).tolist():
        raise IndexMismatchError("ids", f"photo {unexpected[0]} does not belong in the index")
    _check_sample(index, encoder, photos)
    return index


def _check_sample(index: GalleryIndex, encoder: Encoder, photos: Sequence[GalleryPhoto]) -> None:
    """Encode some photos again: each must match its row, and searching with it must find itself first."""
    rng = np.random.default_rng(int(index.sha256[:8], 16))
    rows = np.sort(rng.choice(len(index), min(N_SAMPLED, len(index)), replace=False))
    by_id = {photo.id: photo for photo in photos}
    fresh = photos_encode(encoder, [by_id[photo_id] for photo_id in index.ids[rows].tolist()])
    row_of = dict(zip(index.ids[rows].tolist(), rows.tolist(), strict=True))
    search = TwoStageSearch(index)
    for photo_id, embedding, code in zip(fresh.ids.tolist(), fresh.embeddings, fresh.hash_codes, strict=True):
        cosine = float(index.embeddings[row_of[photo_id]].astype(np.float32) @ embedding)
        if cosine < _SAME_COSINE:
            raise IndexMismatchError(
                "embeddings", f"photo {photo_id} has a cosine of {cosine:.3f} to itself, not 1"
            )
        best = float(search.search(embedding, code, 1).scores[0])
        if best < cosine - (1 - _SAME_COSINE):  # a similar photo may be found before it
            raise IndexMismatchError("codes", f"photo {photo_id} does not find itself")

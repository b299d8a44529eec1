"""What an index must pass before its build is ready: it holds the catalogue, and its photos find themselves."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ml.errors import IndexMismatchError
from ml.retrieval.index import GalleryIndex
from ml.retrieval.two_stage import TwoStageSearch
from ml.serving.encoder import Encoder
from webapp.registry.indexes.catalogue import GalleryPhoto
from webapp.registry.indexes.photos import photos_encoded

N_SAMPLED = 8
_SAME_COSINE = 0.98  # of one photo encoded twice: half precision, and batches of other sizes, cost 0.001


def index_check(
    folder: Path, *, encoder: Encoder, photos: Sequence[GalleryPhoto], n_skipped: int
) -> GalleryIndex:
    """The index in `folder`, checked against the photos it was built of, `n_skipped` of which were unreadable.

    Raises IndexMismatchError naming what is wrong: a file's hash, a photo too many or too few, a row whose
    embedding or code is not its photo's.
    """
    index = GalleryIndex.open(
        folder, expect_encoder_sha256=encoder.sha256, expect_code_length=encoder.code_length
    )
    if len(index) != len(photos) - n_skipped:
        raise IndexMismatchError("n", f"{len(index)} photos, {len(photos) - n_skipped} belong into the index")
    if strangers := np.setdiff1d(index.ids, [photo.id for photo in photos]).tolist():
        raise IndexMismatchError("ids", f"photo {strangers[0]} does not belong into the index")
    _sample_checked(index, encoder, photos)
    return index


def _sample_checked(index: GalleryIndex, encoder: Encoder, photos: Sequence[GalleryPhoto]) -> None:
    """Encodes some photos anew: each must match its row, and searching with it find nothing worse than itself."""
    rng = np.random.default_rng(int(index.sha256[:8], 16))
    rows = np.sort(rng.choice(len(index), min(N_SAMPLED, len(index)), replace=False))
    by_id = {photo.id: photo for photo in photos}
    fresh = photos_encoded(encoder, [by_id[photo_id] for photo_id in index.ids[rows].tolist()])
    row_of = dict(zip(index.ids[rows].tolist(), rows.tolist(), strict=True))
    search = TwoStageSearch(index)
    for photo_id, embedding, code in zip(fresh.ids.tolist(), fresh.embeddings, fresh.hash_codes, strict=True):
        cosine = float(index.embeddings[row_of[photo_id]].astype(np.float32) @ embedding)
        if cosine < _SAME_COSINE:
            raise IndexMismatchError("embeddings", f"photo {photo_id} is {cosine:.3f} like itself, not 1")
        best = float(search.search(embedding, code, 1).scores[0])
        if best < cosine - (1 - _SAME_COSINE):  # a photo alike may be found before it
            raise IndexMismatchError("codes", f"photo {photo_id} does not find itself")

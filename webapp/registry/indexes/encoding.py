"""Encode photos batch by batch on all cores, and help other workers with their builds."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from django.conf import settings

from ml.retrieval.centres import Centres
from ml.serving.encoder import Encoder
from webapp.registry.indexes.catalogue import GalleryPhoto
from webapp.registry.indexes.opening import open_encoder
from webapp.registry.indexes.parts import centres_fetch, parts_help, parts_waiting
from webapp.registry.indexes.photos import EncodedBatch, photo_rows, photos_encode
from webapp.registry.models import IndexBuild

ItemT = TypeVar("ItemT")
_BATCH = 32
_IN_FLIGHT = 2  # batches per thread


def index_help(*, build: IndexBuild) -> int:
    """Encode parts of a build that another worker runs. Return how many."""
    if build.status != IndexBuild.Status.RUNNING or not parts_waiting(build):
        return 0
    encoder = open_encoder(build.model)
    with TemporaryDirectory() as folder:
        kept = Path(folder) / "centres.npz"
        centres_fetch(build, kept)
        centres = Centres.read(kept, encoder.embedding_dim) if kept.exists() else None
    return parts_help(build, partial(photos_encoded, encoder.centred(centres)))


def photos_encoded(encoder: Encoder, photos: Sequence[GalleryPhoto]) -> Iterator[tuple[int, EncodedBatch]]:
    """Yield batches in order, encoded on every core; only a few are in flight, to bound memory."""
    batches, n_threads = in_parts(photos, _BATCH), settings.INDEX_THREADS or os.cpu_count() or 1
    with ThreadPoolExecutor(n_threads) as pool:

        def next_ones(n: int) -> list[tuple[int, Future[EncodedBatch]]]:
            return [
                (len(part), pool.submit(photos_encode, encoder, part, photo_rows(part)))
                for part in islice(batches, n)
            ]

        try:
            waiting = next_ones(_IN_FLIGHT * n_threads)
            while waiting:
                n_photos, encoded = waiting.pop(0)
                yield n_photos, encoded.result()
                waiting += next_ones(1)
        finally:
            pool.shutdown(cancel_futures=True)


def in_parts(items: Sequence[ItemT], size: int) -> Iterator[Sequence[ItemT]]:
    """Return the items in lists of `size`, the last one shorter."""
    return (items[start : start + size] for start in range(0, len(items), size))

"""`bench two-stage`: Hamming shortlist and float re-ranking over generated galleries, whole and filtered."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.benchmarks.gallery import generated_index
from ml.benchmarks.timing import percentiles, repeated_ms
from ml.retrieval.index import GalleryIndex
from ml.retrieval.two_stage import TwoStageSearch

SIZES, K = (10_000, 100_000, 345_000), 20


def run() -> dict[str, Any]:
    """Return p50 and p95 of a search in ms at each gallery size, unfiltered and with one row in forty allowed."""
    result: dict[str, Any] = {"k": K, "code_length": 64, "embedding_dim": 256}
    for n in SIZES:
        with TemporaryDirectory() as folder:
            index = generated_index(
                Path(folder), n, encoder_sha256="0" * 64, code_length=64, embedding_dim=256
            )
            allowed = np.random.default_rng(1).random(n) < 1 / 40
            result[f"n={n}"] = percentiles(_times_ms(index)) | percentiles(
                _times_ms(index, allowed), "filtered_"
            )
    return result


def _times_ms(index: GalleryIndex, allowed: NDArray[np.bool_] | None = None) -> list[float]:
    """Time searches for random items of the gallery itself."""
    search = TwoStageSearch(index)
    rows = iter(np.random.default_rng(2).integers(0, len(index), 10_000).tolist())

    def query() -> None:
        row = next(rows)
        search.search(index.embeddings[row].astype(np.float32), index.codes[row], K, allowed=allowed)

    return repeated_ms(query)

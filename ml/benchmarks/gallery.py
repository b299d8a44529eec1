"""A generated gallery of any size for the benchmarks, clustered like a real one."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ml.retrieval.builder import IndexBuilder
from ml.retrieval.index import GalleryIndex, Numbers
from ml.retrieval.packing import pack


def generated_index(
    folder: Path, n: int, *, encoder_sha256: str, code_length: int, embedding_dim: int, seed: int = 0
) -> GalleryIndex:
    """Build and open an index of n items in clusters of about 50: ids 1..n, hash codes by random hyperplanes."""
    rng = np.random.default_rng(seed)
    builder = IndexBuilder(
        folder / "work",
        encoder_sha256=encoder_sha256,
        code_length=code_length,
        embedding_dim=embedding_dim,
        numbers=Numbers("fp32", None, sound=True),
    )
    centres = rng.normal(size=(max(1, n // 50), embedding_dim)).astype(np.float32)
    planes = rng.normal(size=(embedding_dim, code_length)).astype(np.float32)
    for start in range(0, n, 20_000):
        ids = np.arange(start, min(n, start + 20_000)) + 1
        vectors = centres[rng.integers(len(centres), size=len(ids))]
        vectors = vectors + 0.5 * rng.normal(size=vectors.shape).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        builder.add(ids, vectors, pack(vectors @ planes))
    builder.finish(folder / "index", built_at="1970-01-01T00:00:00Z")
    return GalleryIndex.open(
        folder / "index", expect_encoder_sha256=encoder_sha256, expect_code_length=code_length
    )

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from ml.retrieval.builder import IndexBuilder
from ml.retrieval.index import GalleryIndex

ENCODER = "e" * 64


def build(
    folder: Path,
    ids: NDArray[Any],
    embeddings: NDArray[Any],
    codes: NDArray[Any],
    encoder: str = ENCODER,
    products: NDArray[Any] | None = None,
) -> GalleryIndex:
    builder = IndexBuilder(
        folder.with_name(f"{folder.name}.work"),
        encoder_sha256=encoder,
        code_length=codes.shape[1] * 8,
        embedding_dim=embeddings.shape[1],
    )
    for part in np.array_split(np.arange(len(ids)), 3):
        builder.add(ids[part], embeddings[part], codes[part])
    of_ids = None if products is None else dict(zip(ids.tolist(), products.tolist(), strict=True))
    builder.finish(folder, built_at="2026-01-01T00:00:00Z", products=of_ids)
    return GalleryIndex.open(folder, expect_encoder_sha256=encoder, expect_code_length=codes.shape[1] * 8)


@pytest.fixture
def make_index(tmp_path: Path) -> Callable[..., GalleryIndex]:
    def make(
        ids: NDArray[Any], embeddings: NDArray[Any], codes: NDArray[Any], products: Any = None
    ) -> GalleryIndex:
        return build(tmp_path / "index", ids, embeddings, codes, products=products)

    return make

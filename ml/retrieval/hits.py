"""What a search returns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Hits:
    """What a search found, best first. n is k, or less where the allowed gallery is smaller."""

    rows: NDArray[np.int64]  # (n,) rows of the gallery
    ids: NDArray[np.int64]  # (n,) their ids
    scores: NDArray[np.float32]  # (n,) what they are ranked by
    cosines: NDArray[np.float32]  # (n,) the same without the name prior
    embeddings: NDArray[np.float32]  # (n, D)
    hamming: NDArray[np.int32]  # (n,) bits that differ from the query's hash code
    products: NDArray[np.int64] | None  # (n,) their products, each once; None if each row shows another
    best_cosine: float  # of the whole shortlist; -1 if it is empty
    n_gallery: int  # rows that were searched, after the filter
    n_shortlist: int  # rows that were re-ranked
    hamming_ms: float
    rerank_ms: float

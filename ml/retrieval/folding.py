"""Folding near-duplicates: of products that look alike, a ranking shows the best and counts the rest."""

import numpy as np
from numpy.typing import NDArray

SAME_COSINE = 0.995


def fold(embeddings: NDArray[np.float32], *, same_cosine: float = SAME_COSINE) -> NDArray[np.int64]:
    """For each of n ranked items the place of the better item it folds into, or its own place; int64 (n,).

    embeddings: (n, D) of unit length, best first. An item folds into the first unfolded one before it whose
    cosine is above `same_cosine`; folded items attract nothing, so chains of small steps don't collapse.
    """
    into = np.arange(len(embeddings))
    alike = embeddings @ embeddings.T > same_cosine  # (n, n)
    np.fill_diagonal(alike, False)
    if not alike.any():  # most often
        return into
    later, earlier = np.nonzero(np.tril(alike, k=-1))  # in order of `later`
    for item, leader in zip(later.tolist(), earlier.tolist(), strict=True):
        if into[item] == item and into[leader] == leader:
            into[item] = leader
    return into

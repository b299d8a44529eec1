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
    later, earlier = np.nonzero(
        np.tril(embeddings @ embeddings.T > same_cosine, k=-1)
    )  # few pairs, in order of `later`
    for item, leader in zip(later.tolist(), earlier.tolist(), strict=True):
        if into[item] == item and into[leader] == leader:
            into[item] = leader
    return into

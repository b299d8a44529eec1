"""Fold near-duplicates: of products that look alike, a ranking shows the best and counts the others."""

import numpy as np
from numpy.typing import NDArray

SAME_COSINE = 0.995
# One chair in two woods; either criterion on its own would also join a fridge and a wardrobe.
LIKE_COSINE, LIKE_DHASH_BITS = 0.97, 4


def fold(embeddings: NDArray[np.float32], dhashes: NDArray[np.int64] | None = None) -> NDArray[np.int64]:
    """Return, for each of n ranked items, the place of the better item it folds into, or its own place; int64 (n,).

    embeddings: float32 (n, D), unit length, best first. dhashes: int64 (n,), 64-bit difference hashes of the photos.
    Two items are alike if their cosine is above `SAME_COSINE`, or above `LIKE_COSINE` and their hashes differ in at most
    `LIKE_DHASH_BITS`. An item folds into the first similar item before it that is not folded itself, so that chains of
    small differences do not collapse.
    """
    into = np.arange(len(embeddings))
    cosines = embeddings @ embeddings.T  # (n, n)
    cosines.reshape(-1)[:: len(into) + 1] = -1.0  # the diagonal
    near = SAME_COSINE if dhashes is None else LIKE_COSINE
    if cosines.max(initial=-1.0) <= near:  # the usual case
        return into
    later, earlier = np.nonzero(np.tril(cosines > near, k=-1))  # in order of `later`
    for item, leader in zip(later.tolist(), earlier.tolist(), strict=True):
        if into[item] != item or into[leader] != leader:
            continue
        same = cosines[item, leader] > SAME_COSINE
        if same or (dhashes is not None and _bits(dhashes[item] ^ dhashes[leader]) <= LIKE_DHASH_BITS):
            into[item] = leader
    return into


def _bits(difference: np.int64) -> int:
    return (int(difference) & (1 << 64) - 1).bit_count()

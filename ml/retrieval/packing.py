"""Hash codes as packed bytes: bit k of a code is the sign of logit k, little bit order."""

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.uint8]


def pack(logits: NDArray[np.floating]) -> Codes:
    """Packed signs of hash logits (N, K) as uint8 (N, K / 8); a logit of 0 gives bit 0.

    K must be a multiple of 8.
    """
    if logits.ndim != 2 or logits.shape[1] % 8:
        raise ValueError(f"logits of shape {logits.shape}, (N, K) with K must be a multiple of 8")
    return np.packbits(logits > 0, axis=1, bitorder="little")


def unpack(codes: Codes) -> NDArray[np.bool_]:
    """The bits of packed codes (N, K / 8) as bool (N, K)."""
    return np.unpackbits(codes, axis=1, bitorder="little").astype(np.bool_)


def hamming(codes: Codes, query: Codes) -> NDArray[np.int64]:
    """Number of differing bits between each code (N, K / 8) and one query (K / 8,), as int64 (N,)."""
    differing: NDArray[np.uint8] = np.bitwise_count(codes ^ query)
    return np.asarray(differing.sum(axis=1, dtype=np.int64))

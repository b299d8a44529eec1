"""Hash codes as packed bytes: bit k of a code is the sign of logit k, in little-endian bit order."""

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.uint8]


def pack(logits: NDArray[np.floating]) -> Codes:
    """Pack the signs of hash logits (N, K) into uint8 (N, K / 8); a logit of 0 gives bit 0.

    Raises ValueError if K is not a multiple of 8.
    """
    if logits.ndim != 2 or logits.shape[1] % 8:
        raise ValueError(f"logits of shape {logits.shape}, (N, K) with K must be a multiple of 8")
    return np.packbits(logits > 0, axis=1, bitorder="little")


def unpack(codes: Codes) -> NDArray[np.bool_]:
    """Unpack codes, uint8 (N, K / 8), into bool (N, K)."""
    return np.unpackbits(codes, axis=1, bitorder="little").astype(np.bool_)


def hamming(codes: Codes, query: Codes) -> NDArray[np.int64]:
    """Return the number of bits that differ between each code (N, K / 8) and one query (K / 8,), int64 (N,)."""
    differing: NDArray[np.uint8] = np.bitwise_count(codes ^ query)
    return np.asarray(differing.sum(axis=1, dtype=np.int64))

"""Asymmetric distance: a real-valued query against a binary gallery, which keeps what signs throw away of the query.

Source: Gordo, Perronnin, Gong, Lazebnik, "Asymmetric Distances for Binary Embeddings", TPAMI 2014. The gallery stays
packed: a table of 256 sums a byte turns K multiplications a code into K / 8 look-ups.
"""

import numpy as np
from numpy.typing import NDArray

from ml.retrieval.packing import Codes, unpack

_BYTES = unpack(np.arange(256, dtype=np.uint8)[:, None])  # (256, 8) bits of every byte


def asymmetric_distances(codes: Codes, query: NDArray[np.floating]) -> NDArray[np.float32]:
    """sum_k |q_k - b_k| of packed codes (N, K / 8) and one query (K,) of probabilities of each bit in 0..1, float32 (N,).

    With a query of zeros and ones this is the Hamming distance.
    """
    if query.shape != (8 * codes.shape[1],):
        raise ValueError(f"a query of shape {query.shape} for codes of {8 * codes.shape[1]} bits")
    costs = np.abs(_BYTES - query.reshape(-1, 1, 8)).sum(axis=2).astype(np.float32)  # (K / 8, 256)
    return np.asarray(sum(costs[byte][codes[:, byte]] for byte in range(codes.shape[1])), dtype=np.float32)


def bit_probabilities(logits: NDArray[np.floating]) -> NDArray[np.float32]:
    """Logits (..., K) as probabilities that each bit is 1, scaled so that the mean magnitude of a query's logits is 2."""
    scale = 2 / np.maximum(np.abs(logits).mean(axis=-1, keepdims=True), 1e-9)
    return np.asarray(1 / (1 + np.exp(-scale * logits)), dtype=np.float32)

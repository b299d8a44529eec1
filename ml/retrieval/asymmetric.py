"""Asymmetric distance: a real-valued query against a binary gallery, so that the query is not quantised.

Source: Gordo, Perronnin, Gong, Lazebnik, "Asymmetric Distances for Binary Embeddings", TPAMI 2014. The gallery stays
packed: a table of 256 sums per byte replaces K multiplications per code by K / 8 look-ups.
"""

import numpy as np
from numpy.typing import NDArray

from ml.retrieval.packing import Codes, unpack

_BYTES = unpack(np.arange(256, dtype=np.uint8)[:, None])  # (256, 8) bits of every byte


def asymmetric_distances(codes: Codes, query: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return sum_k |q_k - b_k|, float32 (N,), of packed codes, uint8 (N, K / 8), and one query (K,).

    query: the probability that each bit is 1, in 0..1; with zeros and ones the result is the Hamming distance. Raises
    ValueError if its length differs from that of the codes.
    """
    if query.shape != (8 * codes.shape[1],):
        raise ValueError(f"query of shape {query.shape}, expected ({8 * codes.shape[1]},) for these codes")
    costs = np.abs(_BYTES - query.reshape(-1, 1, 8)).sum(axis=2).astype(np.float32)  # (K / 8, 256)
    return np.asarray(sum(costs[byte][codes[:, byte]] for byte in range(codes.shape[1])), dtype=np.float32)


def bit_probabilities(logits: NDArray[np.floating]) -> NDArray[np.float32]:
    """Convert logits (..., K), scaled to a mean magnitude of 2 per query, to probabilities that bits are 1, float32."""
    scale = 2 / np.maximum(np.abs(logits).mean(axis=-1, keepdims=True), 1e-9)
    return np.asarray(1 / (1 + np.exp(-scale * logits)), dtype=np.float32)

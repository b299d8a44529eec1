"""`bench hamming`: exact Hamming search over 345,000 codes of 64 bits on one thread."""

from __future__ import annotations

from typing import Any

import numpy as np

from ml.benchmarks.timing import percentiles, repeated_ms
from ml.retrieval.hamming import HammingIndex

N, CODE_LENGTH, K = 345_000, 64, 400


def run() -> dict[str, Any]:
    """Time the first stage and count queries whose k nearest differ from a sort of all distances (0 is exact)."""
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 256, (N, CODE_LENGTH // 8), dtype=np.uint8)
    queries = rng.integers(0, 256, (200, CODE_LENGTH // 8), dtype=np.uint8)
    index = HammingIndex(codes)
    turn = iter(range(10**9))
    times = repeated_ms(lambda: index.nearest(queries[next(turn) % len(queries)][None], K))

    words = codes.view(np.uint64)[:, 0]
    wrong = 0
    for query in queries[:20]:
        distances = np.bitwise_count(words ^ query.view(np.uint64)[0])
        nearest = np.argsort(distances, kind="stable")[:K]
        wrong += not np.array_equal(index.nearest(query[None], K)[1][0], nearest)
    return {
        "n_gallery": N,
        "code_length": CODE_LENGTH,
        "k": K,
        **percentiles(times),
        "queries_not_exact": wrong,
    }

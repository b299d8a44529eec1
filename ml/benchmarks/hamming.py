"""`bench hamming`: exact Hamming search over 345,000 codes of 64 bits, one thread."""

from __future__ import annotations

from typing import Any

import faiss
import numpy as np

from ml.benchmarks.timing import percentiles, repeated_ms

N, CODE_LENGTH, K = 345_000, 64, 400


def run() -> dict[str, Any]:
    """Times FAISS's flat index and counts queries whose k nearest differ from a sort of all distances (0 is
    exact).
    """
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 256, (N, CODE_LENGTH // 8), dtype=np.uint8)
    queries = rng.integers(0, 256, (200, CODE_LENGTH // 8), dtype=np.uint8)
    faiss.omp_set_num_threads(1)
    flat = faiss.IndexBinaryFlat(CODE_LENGTH)
    flat.use_heap = False  # type: ignore[attr-defined]  # the stubs lack it; as the search sets it
    flat.add(codes)
    turn = iter(range(10**9))
    times = repeated_ms(lambda: flat.search(queries[next(turn) % len(queries)][None], K))

    words = codes.view(np.uint64)[:, 0]
    wrong = 0
    for query in queries[:20]:
        distances = np.bitwise_count(words ^ query.view(np.uint64)[0])
        nearest = np.argsort(distances, kind="stable")[:K]
        wrong += set(flat.search(query[None], K)[1][0].tolist()) != set(nearest.tolist())
    return {
        "n_gallery": N,
        "code_length": CODE_LENGTH,
        "k": K,
        **percentiles(times),
        "queries_not_exact": wrong,
    }

"""`bench hash-retrieval`: exact Hamming search over galleries of the papers' sizes on one thread.

SketchMate's Table 5: 345,000 drawings at 16 to 64 bits. GDH's Table 2: the extended TU-Berlin and Sketchy galleries,
204,489 and 73,002 photos, at 32 to 128 bits. SketchMate's figures are listed beside ours.
"""

from __future__ import annotations

import resource
from typing import Any

import numpy as np

from ml.benchmarks.timing import percentiles, repeated_ms
from ml.retrieval.hamming import HammingIndex

K = 200
SKETCHMATE_MS = {16: 89.0, 24: 126.0, 32: 157.0, 64: 286.0}  # Table 5, with 612, 667, 732 and 937 MB
GALLERIES = {345_000: (16, 24, 32, 64), 204_489: (32, 64, 128), 73_002: (32, 64, 128)}


def run() -> dict[str, Any]:
    """Return p50 and p95 of finding a query's 200 nearest in ms, and the memory of the codes and of the process in MB."""
    result: dict[str, Any] = {"k": K}
    for n, lengths in GALLERIES.items():
        for bits in lengths:
            result[f"n={n} bits={bits}"] = _search(n, bits)
    peak_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return result | {"process_peak_mb": round(peak_kib / 1024, 1)}


def _search(n: int, bits: int) -> dict[str, Any]:
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 256, (n, bits // 8), dtype=np.uint8)
    queries = rng.integers(0, 256, (200, bits // 8), dtype=np.uint8)
    index = HammingIndex(codes)
    turn = iter(range(10**9))
    times = repeated_ms(lambda: index.nearest(queries[next(turn) % len(queries)][None], K))
    found: dict[str, Any] = {**percentiles(times), "codes_mb": round(index.n_bytes / 1e6, 2)}
    if n == 345_000:
        found["paper_ms"] = SKETCHMATE_MS[bits]
    return found

"""Percentiles of repeated calls, in milliseconds."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

import numpy as np


def time_ms(call: Callable[[], object]) -> float:
    """Return the milliseconds that one call took."""
    started = perf_counter()
    call()
    return (perf_counter() - started) * 1e3


def repeated_ms(call: Callable[[], object], *, n: int = 200, warm_up: int = 20) -> list[float]:
    """Return the milliseconds of each of n calls, after `warm_up` calls that are not counted."""
    for _ in range(warm_up):
        call()
    return [time_ms(call) for _ in range(n)]


def percentiles(times_ms: list[float], prefix: str = "") -> dict[str, float]:
    """Return median and 95th percentile as {prefix}p50_ms and {prefix}p95_ms."""
    p50, p95 = np.percentile(times_ms, [50, 95])
    return {f"{prefix}p50_ms": round(float(p50), 3), f"{prefix}p95_ms": round(float(p95), 3)}

"""`bench pg-codes`: 200,000 codes of 64 bits in PostgreSQL and in FAISS in memory, which must find equal distances."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import psycopg

from ml.benchmarks.timing import percentiles, repeated_ms
from ml.errors import ConfigError
from ml.retrieval.hamming import HammingIndex
from ml.retrieval.postgresql import PostgresqlCodes

NAMES = ("SKETCHFIND_DATABASE_URL", "DATABASE_URL")  # the first that is set, as the site reads them
N, CODE_LENGTH, K, N_QUERIES = 200_000, 64, 100, 50


def run() -> dict[str, Any]:
    """Time both and count queries whose top 100 differ (0 is exact).

    The server is that of SKETCHFIND_DATABASE_URL, or else DATABASE_URL. Raises ConfigError if it is not PostgreSQL.
    """
    name = next((name for name in NAMES if name in os.environ), NAMES[0])
    url = os.environ.get(name, "")
    if not url.startswith("postgres"):
        raise ConfigError(name, "expected a URL like postgresql://USER:PASSWORD@HOST:PORT/NAME")
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 256, (N, CODE_LENGTH // 8), dtype=np.uint8)
    queries = np.concatenate(
        [codes[: N_QUERIES // 2], rng.integers(0, 256, (N_QUERIES // 2, 8), dtype=np.uint8)]
    )
    memory = HammingIndex(codes)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET max_parallel_workers_per_gather = 0")  # one core, like FAISS
        connection.execute("DROP TABLE IF EXISTS bench_codes")
        stored = PostgresqlCodes(lambda: connection, "bench_codes", CODE_LENGTH)
        try:
            stored.add(codes)
            distances, rows = stored.nearest(queries, K)
            expected_distances, expected_rows = memory.nearest(queries, K)
            turn = iter(range(10**9))
            times = {
                name: repeated_ms(
                    lambda index=index: index.nearest(queries[[next(turn) % N_QUERIES]], K),  # type: ignore[misc]
                    n=N_QUERIES,
                    warm_up=5,
                )
                for name, index in (("postgresql", stored), ("faiss", memory))
            }
            (version,) = connection.execute("SHOW server_version").fetchone() or ("",)
        finally:
            connection.execute("DROP TABLE IF EXISTS bench_codes")
    return {
        "n_gallery": N,
        "code_length": CODE_LENGTH,
        "k": K,
        "server": version,
        "operator": stored.operator,
        "queries_with_other_distances": int((distances != expected_distances).any(axis=1).sum()),
        "queries_with_other_rows": int((rows != expected_rows).any(axis=1).sum()),
        **percentiles(times["postgresql"], "postgresql_"),
        **percentiles(times["faiss"], "faiss_"),
    }

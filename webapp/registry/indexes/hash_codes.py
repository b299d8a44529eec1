"""Where searches compare hash codes: in memory, or in the site's PostgreSQL (SKETCHFIND_HASH_CODES)."""

from __future__ import annotations

from typing import Any

import numpy as np
import psycopg
from django.conf import settings
from django.db import connection
from numpy.typing import NDArray

from ml.retrieval.hamming import HammingIndex, NearestCodes
from ml.retrieval.index import GalleryIndex
from ml.retrieval.packing import Codes
from ml.retrieval.postgresql import PostgresqlCodes


def hash_codes_of(index: GalleryIndex) -> NearestCodes:
    """Return the searcher over an index's codes, storing them first if needed."""
    return HammingIndex(index.codes) if settings.HASH_CODES == "memory" else _Stored(index)


def hash_codes_store(index: GalleryIndex) -> None:
    """Store an index's codes where searches will compare them, so that opening it is fast."""
    if settings.HASH_CODES == "postgresql":
        _Stored(index)


def hash_codes_drop(index_sha256: str) -> None:
    """Delete an index's codes from PostgreSQL."""
    if settings.HASH_CODES == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS {_table(index_sha256)}")


class _Stored:
    """An index's codes in the site's database, queried over the calling thread's connection."""

    def __init__(self, index: GalleryIndex) -> None:
        with connection.wrap_database_errors:
            self._codes = PostgresqlCodes(_connection, _table(index.sha256), index.code_length)
            self._codes.hold(index.codes)

    def nearest(
        self, queries: Codes, k: int, *, allowed: NDArray[np.int64] | None = None
    ) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        with connection.wrap_database_errors:
            return self._codes.nearest(queries, k, allowed=allowed)


def _connection() -> psycopg.Connection[Any]:
    connection.ensure_connection()
    opened: psycopg.Connection[Any] = connection.connection
    return opened


def _table(index_sha256: str) -> str:
    return f"hash_codes_{index_sha256[:16]}"

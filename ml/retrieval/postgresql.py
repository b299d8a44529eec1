"""Hash codes in a PostgreSQL table: the first stage of a search for galleries larger than a machine's memory.

Codes are `bit(K)`, rows keep the numbers of the gallery index. With the extension pgvector the distance is `<~>`; without
it PostgreSQL's own `bit_count(a # b)`. Both are scanned whole, so the result is exact: the same distances and the same
tie rule as `HammingIndex`. A table distributed over several servers (Citus) is asked by the same statements.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray
from psycopg import sql
from psycopg.errors import InsufficientPrivilege, UniqueViolation

from ml.retrieval.packing import Codes, unpack

_NAME = re.compile(r"[a-z_][a-z0-9_]{0,50}")
_PART = 20_000  # rows turned into text at a time


class PostgresqlCodes:
    """Packed codes (N, K / 8) in a table of a PostgreSQL 14 or newer.

    `connect` gives the calling thread's connection and is asked each time, so that every thread may search by its own.
    """

    def __init__(self, connect: Callable[[], psycopg.Connection[Any]], table: str, code_length: int) -> None:
        """Opens `table`, made where it does not exist. Raises ValueError for a name that is not plain."""
        if not _NAME.fullmatch(table):
            raise ValueError(f"table: {table!r} is no plain name of lower-case letters, digits and _")
        self.code_length = code_length
        self._connect = connect
        self._name = table
        self._table = sql.Identifier(table)
        self._bits = sql.SQL(f"bit({code_length:d})")
        create = sql.SQL("CREATE TABLE IF NOT EXISTS {} (number bigint PRIMARY KEY, code {} NOT NULL)")
        with self._alone():
            self._vector_ensure()
            self._run(create.format(self._table, self._bits))
        extension = sql.SQL("SELECT 1 FROM pg_extension WHERE extname = {}").format("vector")
        has_vector = self._run(extension).fetchone()
        self.operator = "<~>" if has_vector else "bit_count"
        self._distance = sql.SQL("(code <~> {0})::int" if has_vector else "bit_count(code # {0})::int")

    def __len__(self) -> int:
        (n,) = self._run(sql.SQL("SELECT count(*) FROM {}").format(self._table)).fetchone() or (0,)
        return int(n)

    def hold(self, codes: Codes) -> None:
        """Makes these the table's codes, unless as many are there; of several callers at once one does."""
        with self._alone():
            if len(self) != len(codes):
                self._run(sql.SQL("DELETE FROM {}").format(self._table))
                self.add(codes)

    def add(self, codes: Codes, first_row: int = 0) -> None:
        """Stores codes as the gallery rows from `first_row` on, in one transaction: all or none."""
        copy_into = sql.SQL("COPY {} (number, code) FROM STDIN").format(self._table)
        connection = self._connect()
        with connection.transaction(), connection.cursor() as cursor:
            with cursor.copy(copy_into) as copy:
                for start in range(0, len(codes), _PART):
                    texts = _texts(codes[start : start + _PART])
                    lines = (f"{first_row + start + n}\t{text}\n" for n, text in enumerate(texts))
                    copy.write("".join(lines))
            cursor.execute(sql.SQL("ANALYZE {}").format(self._table))

    def remove(self, rows: Iterable[int]) -> None:
        """Deletes gallery rows."""
        self._run(sql.SQL("DELETE FROM {} WHERE number = ANY(%s)").format(self._table), [list(rows)])

    def nearest(
        self, queries: Codes, k: int, *, allowed: NDArray[np.int64] | None = None
    ) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Distances and rows of the k nearest codes of each query (Q, K / 8), both (Q, min(k, N)).

        allowed: rows (M,) that alone are searched; then both are (Q, min(k, M)).
        """
        query = sql.SQL("%s::{}").format(self._bits)
        among = sql.SQL("" if allowed is None else "WHERE number = ANY(%s)")
        select = sql.SQL(
            "SELECT {} AS distance, number FROM {} {} ORDER BY distance, number LIMIT %s"
        ).format(self._distance.format(query), self._table, among)
        given = [] if allowed is None else [allowed.tolist()]
        found = [self._run(select, [text, *given, k]).fetchall() for text in _texts(queries)]
        table = np.array(found, np.int64).reshape(len(queries), -1, 2)  # (Q, n, 2)
        return table[..., 0].astype(np.int32), table[..., 1].copy()

    def _vector_ensure(self) -> None:
        """Adds pgvector to the database where the server has it and lets us."""
        found = self._run(sql.SQL("SELECT 1 FROM pg_available_extensions WHERE name = 'vector'")).fetchone()
        if found:
            with suppress(InsufficientPrivilege, UniqueViolation), self._connect().transaction():
                self._run(sql.SQL("CREATE EXTENSION IF NOT EXISTS vector"))  # or another just does

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """A transaction that no other of this table overlaps."""
        with self._connect().transaction():
            self._run(sql.SQL("SELECT pg_advisory_xact_lock(hashtext({}))").format(self._name))
            yield

    def _run(self, statement: sql.SQL | sql.Composed, values: list[Any] | None = None) -> psycopg.Cursor[Any]:
        return self._connect().execute(statement, values)


def _texts(codes: Codes) -> list[str]:
    """Each packed code as K letters 0 and 1, bit 0 first."""
    n_bits = 8 * codes.shape[1]
    letters = (unpack(codes).astype(np.uint8) + ord("0")).tobytes().decode("ascii")
    return [letters[start : start + n_bits] for start in range(0, len(letters), n_bits)]

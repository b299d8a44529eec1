"""Hash codes in a PostgreSQL table: the first stage of search for galleries larger than a machine's memory.

Codes are `bit(K)`; rows keep the row numbers of the gallery index. With the extension pgvector the distance is `<~>`,
otherwise PostgreSQL's `bit_count(a # b)`. Both scan the whole table, so the result is exact, with the same distances and
tie rule as `HammingIndex`. The same statements work on a table distributed over several servers (Citus).
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
_PART = 20_000  # rows converted to text at a time


class PostgresqlCodes:
    """Packed codes, uint8 (N, K / 8), in a table of PostgreSQL 14 or newer.

    connect: returns the calling thread's connection; it is called for each statement, so that threads can search with
    separate connections.
    """

    def __init__(self, connect: Callable[[], psycopg.Connection[Any]], table: str, code_length: int) -> None:
        """Open `table`, creating it if necessary. Raises ValueError on a name that is not a plain identifier."""
        if not _NAME.fullmatch(table):
            raise ValueError(f"table: {table!r}, expected lower-case letters, digits and _")
        self.code_length = code_length
        self._connect = connect
        self._name = table
        self._table = sql.Identifier(table)
        self._bits = sql.SQL(f"bit({code_length:d})")
        create = sql.SQL("CREATE TABLE IF NOT EXISTS {} (number bigint PRIMARY KEY, code {} NOT NULL)")
        with self._exclusive():
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
        """Store these codes in the table unless it holds as many; only one of several concurrent callers does."""
        with self._exclusive():
            if len(self) != len(codes):
                self._run(sql.SQL("DELETE FROM {}").format(self._table))
                self.add(codes)

    def add(self, codes: Codes, first_row: int = 0) -> None:
        """Store codes as the gallery rows from `first_row` on, in one transaction."""
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
        """Delete gallery rows."""
        self._run(sql.SQL("DELETE FROM {} WHERE number = ANY(%s)").format(self._table), [list(rows)])

    def nearest(
        self, queries: Codes, k: int, *, allowed: NDArray[np.int64] | None = None
    ) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Return distances, int32, and rows, int64, of the k nearest codes of each query, both (Q, min(k, N)).

        queries: packed codes, uint8 (Q, K / 8). allowed: the rows to search, int64 (M,); the results are then
        (Q, min(k, M)).
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
        """Add pgvector to the database if the server has it and permits it."""
        found = self._run(sql.SQL("SELECT 1 FROM pg_available_extensions WHERE name = 'vector'")).fetchone()
        if found:
            with suppress(InsufficientPrivilege, UniqueViolation), self._connect().transaction():
                self._run(
                    sql.SQL("CREATE EXTENSION IF NOT EXISTS vector")
                )  # another process may do so at the same time

    @contextmanager
    def _exclusive(self) -> Iterator[None]:
        """Open a transaction that excludes other such transactions on this table."""
        with self._connect().transaction():
            self._run(sql.SQL("SELECT pg_advisory_xact_lock(hashtext({}))").format(self._name))
            yield

    def _run(self, statement: sql.SQL | sql.Composed, values: list[Any] | None = None) -> psycopg.Cursor[Any]:
        return self._connect().execute(statement, values)


def _texts(codes: Codes) -> list[str]:
    """Return each packed code as K characters 0 and 1, bit 0 first."""
    n_bits = 8 * codes.shape[1]
    letters = (unpack(codes).astype(np.uint8) + ord("0")).tobytes().decode("ascii")
    return [letters[start : start + n_bits] for start in range(0, len(letters), n_bits)]

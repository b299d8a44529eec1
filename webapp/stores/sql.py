"""Plain SQL where the ORM's own time would be most of a request that hundreds of people make at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from django.db import connection


def sql_rows(sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Return the rows of a query that PostgreSQL and SQLite both understand."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())


def marks(values: Collection[Any]) -> str:
    """Return the placeholders of `IN (...)` for values that are passed as parameters."""
    return ", ".join(["%s"] * len(values))

"""Statements by hand, for what a crowd asks all day: the ORM takes longer to put one together than it takes to run.

Reads give the models' instances. Writes go out together: on PostgreSQL as one statement with a `WITH` part for each
table; on SQLite, where a statement is a mere function call, one after another.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, cached_property
from threading import Lock
from typing import Any, cast

import psycopg
from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.db.models import Field, Model
from django.db.models.base import ModelState

AnyField = Field[Any, Any]
Statement = tuple[str, list[Any]]
_PLAIN = {int, str, bool, type(None)}
_turn = Lock()


@contextmanager
def transaction_in_turn() -> Iterator[None]:
    """A transaction. On SQLite the threads of a process queue for it here: SQLite's own waiting is sleep, ever longer."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with _turn, transaction.atomic():
            yield
    else:
        with transaction.atomic():
            yield


@dataclass(frozen=True)
class Read:
    """A reading statement, each row of which gives an instance of each model.

    columns: those to read of each model's table, "" for all; the ORM fetches others where something asks for them.
    rest: the statement from FROM on. lock: its end on PostgreSQL; SQLite's transaction has locked all.
    """

    columns: Mapping[type[Model], str]
    rest: str
    lock: str = ""

    def rows(self, *params: Any) -> list[list[Any]]:
        """Instances of the models in their order, for each row."""
        sql, converters = self._made
        return [self._instances(list(row), converters) for row in executed(sql, params)]

    def row(self, *params: Any) -> list[Any] | None:
        """The first of `rows`; None without any."""
        return next(iter(self.rows(*params)), None)

    @cached_property
    def _fields(self) -> dict[type[Model], list[AnyField]]:
        """In the order of the model, as `from_db` wants them."""
        return {
            model: [f for f in model._meta.concrete_fields if not names or f.attname in names.split()]
            for model, names in self.columns.items()
        }

    @cached_property
    def _made(self) -> tuple[str, list[tuple[int, Any]]]:
        """The statement, and what turns the database's values into Python's, by place."""
        read = [f for fields in self._fields.values() for f in fields]
        columns = ", ".join(f'{f.model._meta.db_table}."{f.column}"' for f in read)
        converters = []
        for place, column in enumerate(f.cached_col for f in read):
            for convert in [*connection.ops.get_db_converters(column), *column.get_db_converters(connection)]:
                converters.append((place, lambda v, c=convert, col=column: c(v, col, connection)))
        lock = self.lock if connection.vendor == "postgresql" else ""
        return f"SELECT {columns} {self.rest} {lock}", converters

    def _instances(self, values: list[Any], converters: list[tuple[int, Any]]) -> list[Any]:
        for place, convert in converters:
            values[place] = convert(values[place])
        made, start = [], 0
        for model, names in self._names:
            end = start + len(names)
            made.append(_instance(model, zip(names, values[start:end], strict=True)))
            start = end
        return made

    @cached_property
    def _names(self) -> list[tuple[type[Model], list[str]]]:
        return [(model, [f.attname for f in fields]) for model, fields in self._fields.items()]


def _instance(model: type[Model], values: Iterable[tuple[str, Any]]) -> Model:
    """What `Model.from_db` makes, without `Model.__init__`, its defaults and its signals."""
    instance = model.__new__(model)
    instance.__dict__.update(values)
    instance._state = ModelState()
    instance._state.adding = False
    instance._state.db = DEFAULT_DB_ALIAS
    return instance


@dataclass(frozen=True, slots=True)
class Change:
    """New values of rows of one table, and what is added to others of their columns."""

    rows: Sequence[Model]
    values: dict[str, Any]
    plus: dict[str, int] = field(default_factory=dict)

    def statement(self) -> Statement:
        meta = self.rows[0]._meta
        columns = [f'"{name}" = %s' for name in self.values]
        columns += [f'"{name}" = "{name}" + %s' for name in self.plus]
        values = [
            _prepared(cast(AnyField, meta.get_field(name)), value) for name, value in self.values.items()
        ]
        sql = f'UPDATE "{meta.db_table}" SET {", ".join(columns)} WHERE id {among(self.rows)}'
        return sql, [*values, *self.plus.values(), *(row.pk for row in self.rows)]

    def applied(self) -> None:
        """Gives the rows in memory what the statement wrote."""
        for row in self.rows:
            for name, value in self.values.items():
                setattr(row, name, value)
            for name, by in self.plus.items():
                setattr(row, name, getattr(row, name) + by)


def write(rows: Sequence[Model], changes: Sequence[Change]) -> None:
    """Inserts rows of one table, if any, and changes others; instances in memory follow."""
    statements = [change.statement() for change in changes]
    if rows:
        statements.append(_insert(rows))
    if connection.vendor == "postgresql":
        statements = [_together(statements)]
    for sql, params in statements:
        answer = executed(sql, params)
    for row, (pk,) in zip(rows, answer, strict=bool(rows)):
        row.pk = pk
        row._state.adding = False
        row._state.db = DEFAULT_DB_ALIAS
    for change in changes:
        change.applied()


def executed(sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    """The rows of a statement's answer. PostgreSQL keeps the plan: making it took longer than running it."""
    database = connections[DEFAULT_DB_ALIAS]
    database.ensure_connection()
    if database.queries_logged:
        database.queries_log.append({"sql": sql, "time": ""})
    with database.wrap_database_errors:
        if database.vendor == "postgresql":
            with psycopg.Cursor(database.connection) as cursor:
                cursor.execute(sql.encode(), params, prepare=True)
                return [] if cursor.rownumber is None else cursor.fetchall()
        return cast("list[tuple[Any, ...]]", database.connection.execute(_marked(sql), params).fetchall())


def among(rows: Collection[Any]) -> str:
    """The condition that a column holds one of as many values."""
    return f"IN ({', '.join(['%s'] * len(rows))})"


def _together(statements: Sequence[Statement]) -> Statement:
    """One statement of several; its answer is the last one's."""
    *first, (last, _) = statements
    parts = ", ".join(f"w{i} AS ({sql})" for i, (sql, _) in enumerate(first))
    return f"WITH {parts} {last}" if first else last, [p for _, params in statements for p in params]


def _insert(rows: Sequence[Model]) -> Statement:
    fields, table = _written(type(rows[0])), rows[0]._meta.db_table
    names = ", ".join(f'"{f.column}"' for f in fields)
    values = f"({', '.join(['%s'] * len(fields))})"
    sql = f"INSERT INTO {table} ({names}) VALUES {', '.join([values] * len(rows))} RETURNING id"
    return sql, [_prepared(f, getattr(row, f.attname)) for row in rows for f in fields]


def _prepared(of: AnyField, value: Any) -> Any:
    """A value as the database takes it; plain ones as they are, which spares most of the work."""
    return value if type(value) in _PLAIN else of.get_db_prep_save(value, connection)


@cache
def _written(model: type[Model]) -> list[AnyField]:
    return [f for f in model._meta.concrete_fields if not f.primary_key]


@cache
def _marked(sql: str) -> str:
    """With the marks that SQLite's module knows."""
    return sql.replace("%s", "?")

"""Statements by hand, for what a crowd asks all day: the ORM takes longer to put one together than it takes to run.

Reads give the models' instances. Writes go out together: on PostgreSQL as one statement with a `WITH` part for each
table; on SQLite, where a statement is a mere function call, one after another.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, cached_property
from threading import Lock
from typing import Any, cast

import psycopg
from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.db.models import Field, Model

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


@contextmanager
def savepoint_within() -> Iterator[None]:
    """A savepoint where a transaction is open, so that a refused statement doesn't end it. Otherwise nothing: every
    statement is a transaction of its own.
    """
    if connection.in_atomic_block:
        with transaction.atomic():
            yield
    else:
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

    def rows(self, *params: Any, locked: bool = True) -> list[list[Any]]:
        """Instances of the models in their order, for each row."""
        sql, converters = self._made
        found = executed(f"{sql} {self._lock}" if locked else sql, params)
        return [self._instances(list(row), converters) for row in found]

    def row(self, *params: Any, locked: bool = True) -> list[Any] | None:
        """The first of `rows`; None without any."""
        return next(iter(self.rows(*params, locked=locked)), None)

    def unchanged(self, row: Sequence[Model], names: Mapping[type[Model], str], *params: Any) -> Statement:
        """The statement that locks a row read before, and finds it where these columns hold what they held."""
        held = [
            (f'{instance._meta.db_table}."{name}" = %s', getattr(instance, name))
            for instance in row
            for name in names.get(type(instance), "").split()
        ]
        conditions = "".join(f" AND {condition}" for condition, _ in held)
        return f"SELECT 1 {self.rest}{conditions} {self._lock}", [*params, *(value for _, value in held)]

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
        return f"SELECT {columns} {self.rest}", converters

    @property
    def _lock(self) -> str:
        return self.lock if connection.vendor == "postgresql" else ""

    def _instances(self, values: list[Any], converters: list[tuple[int, Any]]) -> list[Any]:
        for place, convert in converters:
            values[place] = convert(values[place])
        made, start = [], 0
        for model, fields in self._fields.items():
            names, end = [f.attname for f in fields], start + len(fields)
            made.append(model.from_db(DEFAULT_DB_ALIAS, names, values[start:end]))
            start = end
        return made


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
        _written_now(row, pk)
    for change in changes:
        change.applied()


def write_if(guard: Statement, row: Model, changes: Sequence[Change]) -> bool:
    """The same for one row, in one statement of PostgreSQL that first asks `guard`; False, and nothing written, where
    that finds nothing. It needs no transaction around it: what `guard` locks stays locked while the statement runs.
    """
    held = "EXISTS (SELECT 1 FROM guard)"
    statements = [change.statement() for change in changes]
    parts = [(f"{sql} AND {held}", params) for sql, params in statements]
    sql, params = _together([*parts, _insert_selected(row, held)], first=[("guard", guard)])
    if not (answer := executed(sql, params)):
        return False
    _written_now(row, answer[0][0])
    for change in changes:
        change.applied()
    return True


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


def _together(statements: Sequence[Statement], *, first: Sequence[tuple[str, Statement]] = ()) -> Statement:
    """One statement of several, `first` by their names; its answer is the last one's."""
    *middle, (last, last_params) = statements
    named = [*first, *((f"w{i}", statement) for i, statement in enumerate(middle))]
    parts = ", ".join(f"{name} AS ({sql})" for name, (sql, _) in named)
    params = [p for _, (_, params) in named for p in params]
    return f"WITH {parts} {last}" if named else last, [*params, *last_params]


def _insert(rows: Sequence[Model]) -> Statement:
    fields, table = _written(type(rows[0])), rows[0]._meta.db_table
    names = ", ".join(f'"{f.column}"' for f in fields)
    values = f"({', '.join(['%s'] * len(fields))})"
    sql = f"INSERT INTO {table} ({names}) VALUES {', '.join([values] * len(rows))} RETURNING id"
    return sql, [_prepared(f, getattr(row, f.attname)) for row in rows for f in fields]


def _insert_selected(row: Model, condition: str) -> Statement:
    """The same for one row, where a condition holds. A SELECT's values need their types, without the bound of varchar:
    a cast would cut what an INSERT refuses.
    """
    fields, table = _written(type(row)), row._meta.db_table
    names = ", ".join(f'"{f.column}"' for f in fields)
    values = ", ".join(f"%s::{str(f.db_type(connection)).partition('(')[0]}" for f in fields)
    sql = f"INSERT INTO {table} ({names}) SELECT {values} WHERE {condition} RETURNING id"
    return sql, [_prepared(f, getattr(row, f.attname)) for f in fields]


def _written_now(row: Model, pk: int) -> None:
    row.pk = pk
    row._state.adding = False
    row._state.db = DEFAULT_DB_ALIAS


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

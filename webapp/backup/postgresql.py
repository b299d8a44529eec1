"""Dump and load of a PostgreSQL database: every table's rows by COPY, its schema by our migrations.

Not by pg_dump: the site's image has no PostgreSQL programs, which would also have to match the server's version. As
migrations create the schema, tables, constraints and triggers of a restored site are those of its code.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder
from psycopg import sql

from webapp.backup.archive import Archive, ArchiveError, ArchiveWriter

# These settings determine how values are written as text.
_TEXT = (
    "SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL intervalstyle = 'postgres'; SET LOCAL extra_float_digits = 1"
)
_LOCK_S = 15


def dump(writer: ArchiveWriter, scratch: Path) -> dict[str, Any]:
    """Append all rows as of one moment, without blocking anyone. Return the columns of each table."""
    columns: dict[str, list[str]] = {}
    unpacked: dict[str, int] = {}
    packed = scratch / "table.copy.gz"
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute(_TEXT)
        for table in model_tables():
            columns[table] = _columns(cursor, table)
            with (
                gzip.open(packed, "wb", compresslevel=1) as target,
                cursor.copy(_copy("COPY {} ({}) TO STDOUT", table, columns[table])) as rows,
            ):
                unpacked[_member(table)] = sum(target.write(block) for block in rows)
            writer.add_path(_member(table), packed)
            packed.unlink()
    return {"tables": columns, "unpacked": unpacked}


def check(archive: Archive, scratch: Path) -> None:
    """Raise ArchiveError if the manifest lacks a table's columns, or a table's rows are missing or broken."""
    if not archive.facts.get("migrations"):
        raise ArchiveError("migrations: missing in the manifest; the archive's database is empty")
    tables = archive.facts.get("tables")
    if not isinstance(tables, dict) or not tables:
        raise ArchiveError("tables: missing in the manifest")
    names = set(archive.names)
    for table, columns in tables.items():
        if _member(table) not in names:
            raise ArchiveError(f"{_member(table)}: missing")
        if not isinstance(columns, list) or not all(isinstance(column, str) for column in columns):
            raise ArchiveError(f"tables.{table}: not a list of columns")
        for _ in archive.unpacked(_member(table)):
            pass


def load(archive: Archive, scratch: Path) -> None:
    """Replace all tables in one transaction: migrate to the archive's schema, then load its rows.

    Raises OperationalError if the tables are in use, and whatever the database raises for invalid rows.
    """
    tables: dict[str, list[str]] = archive.facts["tables"]
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{_LOCK_S}s'")
            cursor.execute(_TEXT)
            _drop_all(cursor)
        executor = MigrationExecutor(connection)
        made = executor.migrate(leaves(executor, archive.facts["migrations"])).apps
        _known_check(tables, made)
        with connection.cursor() as cursor:
            names = sql.SQL(", ").join(map(sql.Identifier, tables))
            cursor.execute(sql.SQL("TRUNCATE {} CASCADE").format(names))  # rows that migrations create
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")  # tables are loaded in any order
            _triggers(cursor, tables, "DISABLE")  # every row passed them when it was first inserted
            for table, columns in tables.items():
                with cursor.copy(_copy("COPY {} ({}) FROM STDIN", table, columns)) as rows:
                    for block in archive.unpacked(_member(table)):
                        rows.write(block)
            cursor.execute(
                "SET CONSTRAINTS ALL IMMEDIATE"
            )  # fails here if a foreign key is broken, and restores nothing
            _triggers(cursor, tables, "ENABLE")
            for table, columns in tables.items():
                _reset_sequences(cursor, table, columns)


def _known_check(tables: Iterable[str], made: Any) -> None:
    """Raise ArchiveError for a table that the archive's migrations do not create, such as another site's."""
    known = {model._meta.db_table for model in made.get_models(include_auto_created=True)}
    if unknown := sorted(set(tables) - known):
        raise ArchiveError(f"tables.{unknown[0]}: not a table of this site")


def leaves(executor: MigrationExecutor, applied: Iterable[Iterable[str]]) -> list[tuple[str, str]]:
    """Return the last of the `applied` migrations of each app."""
    known = {(app, name) for app, name in applied}
    graph = executor.loader.graph
    return sorted(
        key
        for key in known & set(graph.nodes)
        if not any(child.key in known and child.key[0] == key[0] for child in graph.node_map[key].children)
    )


def model_tables() -> list[str]:
    """Return every table that migrations create, except the record of the migrations."""
    models = apps.get_models(include_auto_created=True)
    return sorted({model._meta.db_table for model in models if model._meta.managed and not model._meta.proxy})


def _drop_all(cursor: CursorWrapper) -> None:
    """Drop our tables and the functions that our triggers call; leave everything else in the database."""
    known = {*model_tables(), MigrationRecorder.Migration._meta.db_table}
    there = sorted(known & set(connection.introspection.table_names(cursor)))
    if not there:
        return
    cursor.execute(
        "SELECT DISTINCT tgfoid::regprocedure::text FROM pg_trigger"
        " WHERE NOT tgisinternal AND tgrelid::regclass::text = ANY(%s)",
        [there],
    )
    functions = [row[0] for row in cursor.fetchall()]
    cursor.execute(sql.SQL("DROP TABLE {} CASCADE").format(sql.SQL(", ").join(map(sql.Identifier, there))))
    for function in functions:
        cursor.execute(f"DROP FUNCTION {function}")  # a regprocedure's text is already quoted where necessary


def _triggers(cursor: CursorWrapper, tables: Iterable[str], what: str) -> None:
    for table in tables:
        statement = sql.SQL("ALTER TABLE {} " + what + " TRIGGER USER")
        cursor.execute(statement.format(sql.Identifier(table)))


def _reset_sequences(cursor: CursorWrapper, table: str, columns: Iterable[str]) -> None:
    """Make new ids continue after the largest."""
    for column in columns:
        cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [f'"{table}"', column])
        sequence = cursor.fetchone()[0]
        if sequence:
            largest = sql.SQL("SELECT setval(%s, coalesce(max({}), 1), max({}) IS NOT NULL) FROM {}")
            name = sql.Identifier(column)
            cursor.execute(largest.format(name, name, sql.Identifier(table)), [sequence])


def _columns(cursor: CursorWrapper, table: str) -> list[str]:
    """Return the table's columns, except those that the database generates."""
    cursor.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0"
        " AND NOT attisdropped AND attgenerated = '' ORDER BY attnum",
        [f'"{table}"'],
    )
    return [row[0] for row in cursor.fetchall()]


def _copy(statement: str, table: str, columns: Iterable[str]) -> sql.Composed:
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    return sql.SQL(statement).format(sql.Identifier(table), names)


def _member(table: str) -> str:
    return f"database/{table}.copy.gz"

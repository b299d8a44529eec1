"""The two statements of an answer, by hand: read and lock what it touches, then write all of it at once.

Every answer runs through here, and the ORM would take seven round trips for it. On PostgreSQL the writes are one
statement with a `WITH` part for each table; on SQLite, where a statement is a mere function call, they follow one
another. What is written is decided elsewhere, in Python, for both.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any, cast

import psycopg
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import Field, Model

from annotation.models import Assignment, Campaign, Enrolment, Task, Vote

AnyField = Field[Any, Any]
_READ = {  # the columns of each table; the ORM fetches other fields where something asks for them
    Assignment: "id task_id worker_id enrolment_id status lease_expires_at renewed left_is_a position",
    Task: "id campaign_id kind status candidate_a_id n_votes n_wanted n_counted n_leased n_a n_b n_undone "
    "is_gold is_training gold_answer has_room",
    Enrolment: "id campaign_id worker_id qualified blocked n_answers n_counted session_done n_gold "
    "n_gold_right n_training n_training_right",
    Campaign: "id kind status stop_when_decided release_id session_cap break_every undo_steps lease_s",
}
_FIELDS: dict[type[Model], list[AnyField]] = {  # in the order of the model, as `from_db` wants them
    model: [f for f in model._meta.concrete_fields if f.attname in columns.split()]
    for model, columns in _READ.items()
}
_VOTE_FIELDS: list[AnyField] = [f for f in Vote._meta.concrete_fields if not f.primary_key]
_JOINED = """
    FROM annotation_assignment
    JOIN annotation_task ON annotation_task.id = annotation_assignment.task_id
    JOIN annotation_enrolment ON annotation_enrolment.id = annotation_assignment.enrolment_id
    JOIN annotation_campaign ON annotation_campaign.id = annotation_enrolment.campaign_id
    WHERE annotation_assignment.id = %s AND annotation_assignment.worker_id = %s
"""
_LOCK = "FOR NO KEY UPDATE OF annotation_assignment, annotation_task"  # SQLite's transaction has locked all


_PLAIN = {int, str, bool, type(None)}


@dataclass(frozen=True, slots=True)
class Change:
    """New values of one row, and what is added to others of its columns."""

    row: Model
    values: dict[str, Any]
    plus: dict[str, int] = field(default_factory=dict)

    def statement(self) -> tuple[str, list[Any]]:
        meta = self.row._meta
        columns = [f'"{name}" = %s' for name in self.values]
        columns += [f'"{name}" = "{name}" + %s' for name in self.plus]
        values = [
            _prepared(cast(AnyField, meta.get_field(name)), value) for name, value in self.values.items()
        ]
        sql = f'UPDATE "{meta.db_table}" SET {", ".join(columns)} WHERE id = %s'
        return sql, [*values, *self.plus.values(), self.row.pk]

    def applied(self) -> None:
        """Gives the row in memory what the statement wrote."""
        for name, value in self.values.items():
            setattr(self.row, name, value)
        for name, by in self.plus.items():
            setattr(self.row, name, getattr(self.row, name) + by)


def assignment_row(assignment_id: int, worker_id: int) -> Assignment | None:
    """A worker's assignment and its task, both locked; with enrolment and campaign."""
    sql, converters = _select(connection.vendor)
    row = _executed(sql, [assignment_id, worker_id])
    if row is None:
        return None
    values = list(row)
    for place, convert in converters:
        values[place] = convert(values[place])
    assignment, task, enrolment, campaign = _instances(values)
    enrolment.campaign = task.campaign = campaign
    assignment.task, assignment.enrolment = task, enrolment
    return cast(Assignment, assignment)


def vote_row(vote: Vote, changes: list[Change]) -> None:
    """Inserts a vote and changes the rows that it touches; instances in memory follow."""
    insert = _insert(), [_prepared(f, getattr(vote, f.attname)) for f in _VOTE_FIELDS]
    statements = [insert, *(change.statement() for change in changes)]
    if connection.vendor == "postgresql":
        parts = ", ".join(f"w{i} AS ({sql})" for i, (sql, _) in enumerate(statements))
        written = _executed(
            f"WITH {parts} SELECT id FROM w0", [p for _, params in statements for p in params]
        )
    else:
        written, *_ = [_executed(*statement) for statement in statements]
    assert written
    vote.pk = written[0]
    vote._state.adding = False
    for change in changes:
        change.applied()


def _executed(sql: str, params: list[Any]) -> tuple[Any, ...] | None:
    """The first row of a statement's answer. PostgreSQL keeps the plan: making it took longer than running it."""
    database = connections[DEFAULT_DB_ALIAS]
    if database.vendor == "postgresql":
        database.ensure_connection()
        with database.wrap_database_errors, psycopg.Cursor(database.connection) as prepared:
            prepared.execute(sql.encode(), params, prepare=True)
            return prepared.fetchone()
    with database.cursor() as cursor:
        cursor.execute(sql, params)
        return cast("tuple[Any, ...] | None", cursor.fetchone())


def _instances(values: list[Any]) -> list[Any]:
    made, start = [], 0
    for model, fields in _FIELDS.items():
        names, end = [f.attname for f in fields], start + len(fields)
        made.append(model.from_db(connection.alias, names, values[start:end]))
        start = end
    return made


def _prepared(of: AnyField, value: Any) -> Any:
    """A value as the database takes it; plain ones as they are, which spares most of the work."""
    return value if type(value) in _PLAIN else of.get_db_prep_save(value, connection)


@cache
def _insert() -> str:
    names = ", ".join(f'"{f.column}"' for f in _VOTE_FIELDS)
    places = ", ".join(["%s"] * len(_VOTE_FIELDS))
    return f"INSERT INTO annotation_vote ({names}) VALUES ({places}) RETURNING id"


@cache
def _select(vendor: str) -> tuple[str, list[tuple[int, Any]]]:
    """The reading statement, and what turns the database's values into Python's, by place."""
    read = [f for fields in _FIELDS.values() for f in fields]
    columns = ", ".join(f'{f.model._meta.db_table}."{f.column}"' for f in read)
    converters = []
    for place, column in enumerate(f.cached_col for f in read):
        for convert in [*connection.ops.get_db_converters(column), *column.get_db_converters(connection)]:
            converters.append((place, lambda v, c=convert, col=column: c(v, col, connection)))
    return f"SELECT {columns} {_JOINED} {_LOCK if vendor == 'postgresql' else ''}", converters

"""The statements of a vote and of a claim that are written in SQL for PostgreSQL.

A vote reads its assignment under lock and writes the counters; a claim reads the enrolment and free tasks under lock and
writes their new state. Everything else uses the ORM, including the inserts of votes and assignments, so a new field of
these needs no change here. SQLite uses the ORM for these statements as well, where they are called: in `locking`,
`counters` and `claims`. A test compares both.

With the vote's alone, saves of 300 clients at human pace (135 votes per second) through two web processes, with
PostgreSQL, Redis and the crowd on the same two cores; the target is a 95th percentile below 150 ms:

    |                               | p50        | p95        |
    | ORM alone                     | 146 ms     | 416 ms     |
    | ORM with the vote's two       | 14, 18 ms  | 59, 67 ms  |
    | everything in SQL             | 8, 9 ms    | 25, 25 ms  |

`manage.py annotation_bench --votes 0 --seconds 40` (one of the two middle runs took 20 s), Intel Xeon, 2 cores (avx2
avx512f avx_vnni avx512_vnni avx512_bf16). The first row is the code with PostgreSQL sent through the branches for
SQLite, the last row is commit 93d13e1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Model

from annotation.models import Assignment, Campaign, Enrolment, Task, Worker

# The fields that every answer needs; the ORM loads others on access.
_FIELDS: dict[type[Model], str] = {
    Assignment: "id task_id worker_id enrolment_id status leased_at lease_expires_at left_is_a",
    Task: "id campaign_id status candidate_a_id explanation n_votes n_counted n_leased n_a n_b n_undone is_gold "
    "is_training gold_answer",
    Enrolment: "id campaign_id worker_id qualified blocked n_answers n_counted n_credited session_done n_gold "
    "n_gold_right n_training n_training_right last_answer_at",
    Campaign: "id status stop_when_decided release_id session_cap break_every undo_steps lease_s",
}
_NAMES = {
    model: [f.attname for f in model._meta.concrete_fields if f.attname in names.split()]
    for model, names in _FIELDS.items()
}
_CLAIMED: dict[type[Model], list[str]] = {
    model: [field.attname for field in model._meta.concrete_fields] for model in (Enrolment, Campaign)
}
_TASK = [field.attname for field in Task._meta.concrete_fields]

_CONVERTERS = {
    (model, field.attname): field.from_db_value
    for model in _FIELDS
    for field in model._meta.concrete_fields
    if hasattr(field, "from_db_value")
}


def _columns(names: Mapping[type[Model], Sequence[str]]) -> str:
    return ", ".join(f"{model._meta.db_table}.{name}" for model in names for name in names[model])


_READ = f"""
SELECT {_columns(_NAMES)}
FROM annotation_assignment
JOIN annotation_task ON annotation_task.id = annotation_assignment.task_id
JOIN annotation_enrolment ON annotation_enrolment.id = annotation_assignment.enrolment_id
JOIN annotation_campaign ON annotation_campaign.id = annotation_enrolment.campaign_id
JOIN annotation_worker ON annotation_worker.id = annotation_assignment.worker_id
WHERE annotation_assignment.id = %s AND annotation_worker.id = %s AND annotation_worker.key = %s
FOR NO KEY UPDATE OF annotation_assignment, annotation_task, annotation_enrolment
"""
_ENROLMENT = f"""
SELECT {_columns(_CLAIMED)}
FROM annotation_enrolment
JOIN annotation_campaign ON annotation_campaign.id = annotation_enrolment.campaign_id
WHERE annotation_enrolment.id = %s
FOR NO KEY UPDATE OF annotation_enrolment
"""
FREE_TASKS = f"""
SELECT {_columns({Task: _TASK})}
FROM annotation_task
WHERE campaign_id = %s AND has_room AND position > %s AND position <= %s
AND NOT (id IN (SELECT task_id FROM annotation_assignment WHERE enrolment_id = %s))
ORDER BY position, id
LIMIT %s
FOR NO KEY UPDATE SKIP LOCKED
"""
_TIMES = "last_seen_at = %s, last_answer_at = %s"


def assignment_locked(assignment_id: int, worker: Worker) -> Assignment | None:
    """Return the same as `locking.assignment_row`: an assignment, task and enrolment, locked, with campaign."""
    found = _executed(_READ, [assignment_id, worker.pk, worker.key])
    if not found:
        return None
    assignment: Assignment
    assignment, task, enrolment, campaign = _instances(_NAMES, found[0])
    enrolment.campaign = task.campaign = campaign
    assignment.task, assignment.enrolment = task, enrolment
    return assignment


def counters_store(
    assignment: Assignment,
    task: Task | None,
    task_counters: Sequence[str],
    enrolment: Enrolment,
    increments: Mapping[str, int],
    now: datetime,
) -> None:
    """Store the same as `counters.counters_store`, in one statement."""
    parts = ["a AS (UPDATE annotation_assignment SET status = %s, lease_expires_at = %s WHERE id = %s)"]
    params: list[Any] = [assignment.status, assignment.lease_expires_at, assignment.pk]
    if task:
        columns = ", ".join(f"{name} = %s" for name in task_counters)
        parts.append(f"t AS (UPDATE annotation_task SET {columns} WHERE id = %s)")
        params += [*(getattr(task, name) for name in task_counters), task.pk]
    added = "".join(f", {name} = {name} + %s" for name in increments)
    sql = f"WITH {', '.join(parts)} UPDATE annotation_enrolment SET {_TIMES}{added} WHERE id = %s"
    _executed(sql, [*params, now, now, *increments.values(), enrolment.pk])


def enrolment_locked(enrolment_id: int) -> Enrolment:
    """Return the same as `locking.enrolment_locked`: an enrolment, locked, with campaign."""
    found = _executed(_ENROLMENT, [enrolment_id])
    if not found:
        raise Enrolment.DoesNotExist
    enrolment: Enrolment
    enrolment, enrolment.campaign = _instances(_CLAIMED, found[0])
    return enrolment


def free_tasks(enrolment: Enrolment, n: int, *, after: int, until: int) -> list[Task]:
    """Return the same as `locking.free_tasks`: up to `n` tasks that the worker may have, locked."""
    rows = _executed(FREE_TASKS, [enrolment.campaign_id, after, until, enrolment.pk, n])
    return [_instances({Task: _TASK}, row)[0] for row in rows]


def claim_store(enrolment: Enrolment, names: Sequence[str], leased: Sequence[Task]) -> None:
    """Store the same as `claims.claim_store`, in one statement."""
    columns = ", ".join(f"{name} = %s" for name in names)
    sql = (
        "WITH t AS (UPDATE annotation_task SET n_leased = n_leased + 1 WHERE id = ANY(%s)) "
        f"UPDATE annotation_enrolment SET {columns} WHERE id = %s"
    )
    values = [getattr(enrolment, name) for name in names]
    _executed(sql, [[task.pk for task in leased], *values, enrolment.pk])


def _instances(names: Mapping[type[Model], Sequence[str]], row: Sequence[Any]) -> list[Any]:
    """Return an instance of each model from the columns of a row, as the ORM reads them."""
    values = iter(row)
    found = []
    for model, fields in names.items():
        instance = model.from_db(DEFAULT_DB_ALIAS, fields, [next(values) for _ in fields])
        for name in fields:
            if convert := _CONVERTERS.get((model, name)):
                setattr(instance, name, convert(getattr(instance, name), None, connection))
        found.append(instance)
    return found


def _executed(sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Execute a prepared statement and return its rows."""
    connection.ensure_connection()
    if connection.queries_logged:
        connection.queries_log.append({"sql": sql, "time": ""})
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(sql.encode(), params, prepare=True)
        return [] if cursor.rownumber is None else cursor.fetchall()

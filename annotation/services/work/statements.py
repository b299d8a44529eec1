"""The statements of a vote that stay SQL on PostgreSQL: reading it under lock, and writing its counters.

All else is ORM, the insert of the vote included, so that a new field of `Vote` needs no change here. SQLite takes the
ORM for these as well, as `locking.assignment_row` and `counters.counters_store` state it; a test compares the two.

CPU time of 600 votes and 175 claims over HTTP by 60 clients (the web servers and PostgreSQL, for each vote with its
share of the claims), and of one vote in the service layer. In turns on a busy machine, so that ratios tell more:

    |                                     | web     | PostgreSQL | vote in the service layer |
    | ORM alone                           | 12.4 ms | 5.4 ms     | 3.7 to 3.9 ms             |
    | ORM with these two statements       |  9.5 ms | 3.2 ms     | 1.0 to 1.2 ms             |
    | everything in SQL, as it was before |  6.6 ms | 2.6 ms     | 0.7 to 0.8 ms             |

300 people at human pace make 170 votes per second. By the ORM alone these take 3.2 cores, the crowd's own 1.1 ms
included, where a save's 95th percentile is to stay below 150 ms on two; with these two statements 2.4, before 1.8. The
machine did other work beside it, which inflates all three, so the 150 ms themselves are still to be measured on an idle
one. Median of a save with 300 clients there: ORM alone 3.1 s, with these statements 641 ms, before 102 ms.

Intel Xeon, 2 cores (avx2 avx512f avx_vnni avx512_vnni avx512_bf16), `manage.py annotation_bench --votes 0 --clients 60
--seconds 15 --arrive-s 3`, CPU time of the servers' and the database's processes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Model

from annotation.models import Assignment, Campaign, Enrolment, Task, Worker

# What every answer needs; the ORM fetches any other field when it is read.
_FIELDS: dict[type[Model], str] = {
    Assignment: "id task_id worker_id enrolment_id status lease_expires_at left_is_a",
    Task: "id campaign_id status candidate_a_id explanation n_votes n_counted n_leased n_a n_b n_undone is_gold "
    "is_training gold_answer",
    Enrolment: "id campaign_id worker_id qualified blocked n_answers n_counted session_done n_gold n_gold_right "
    "n_training n_training_right",
    Campaign: "id status stop_when_decided release_id session_cap break_every undo_steps lease_s",
}
_NAMES = {
    model: [f.attname for f in model._meta.concrete_fields if f.attname in names.split()]
    for model, names in _FIELDS.items()
}
_COLUMNS = ", ".join(f"{model._meta.db_table}.{name}" for model, names in _NAMES.items() for name in names)
_READ = f"""
SELECT {_COLUMNS}
FROM annotation_assignment
JOIN annotation_task ON annotation_task.id = annotation_assignment.task_id
JOIN annotation_enrolment ON annotation_enrolment.id = annotation_assignment.enrolment_id
JOIN annotation_campaign ON annotation_campaign.id = annotation_enrolment.campaign_id
JOIN annotation_worker ON annotation_worker.id = annotation_assignment.worker_id
WHERE annotation_assignment.id = %s AND annotation_worker.id = %s AND annotation_worker.key = %s
FOR NO KEY UPDATE OF annotation_assignment, annotation_task
"""
_GOLD_ANSWER = Task._meta.get_field("gold_answer")


def assignment_locked(assignment_id: int, worker: Worker) -> Assignment | None:
    """What `locking.assignment_locked` reads: a worker's assignment and its task, locked, with enrolment and campaign."""
    found = _executed(_READ, [assignment_id, worker.pk, worker.key])
    if not found:
        return None
    values = iter(found[0])
    rows: list[Any] = [
        model.from_db(DEFAULT_DB_ALIAS, names, [next(values) for _ in names])
        for model, names in _NAMES.items()
    ]
    assignment: Assignment
    assignment, task, enrolment, campaign = rows
    task.gold_answer = _GOLD_ANSWER.from_db_value(task.gold_answer, None, connection)
    enrolment.campaign = task.campaign = campaign
    assignment.task, assignment.enrolment = task, enrolment
    return assignment


def counters_store(
    assignment: Assignment,
    task: Task | None,
    task_counters: Sequence[str],
    enrolment: Enrolment,
    plus: Mapping[str, int],
    now: datetime,
) -> None:
    """What `counters.counters_store` writes, as one statement."""
    parts = ["a AS (UPDATE annotation_assignment SET status = %s, lease_expires_at = %s WHERE id = %s)"]
    params: list[Any] = [assignment.status, assignment.lease_expires_at, assignment.pk]
    if task:
        columns = ", ".join(f"{name} = %s" for name in task_counters)
        parts.append(f"t AS (UPDATE annotation_task SET {columns} WHERE id = %s)")
        params += [*(getattr(task, name) for name in task_counters), task.pk]
    added = "".join(f", {name} = {name} + %s" for name in plus)
    sql = f"WITH {', '.join(parts)} UPDATE annotation_enrolment SET last_seen_at = %s{added} WHERE id = %s"
    _executed(sql, [*params, now, *plus.values(), enrolment.pk])


def _executed(sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    """The rows of a statement's answer. PostgreSQL keeps the plan."""
    connection.ensure_connection()
    if connection.queries_logged:
        connection.queries_log.append({"sql": sql, "time": ""})
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(sql.encode(), params, prepare=True)
        return [] if cursor.rownumber is None else cursor.fetchall()

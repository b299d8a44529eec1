"""What answers and claims read under lock. What is written is decided elsewhere, in Python, for both databases."""

from __future__ import annotations

from typing import cast

from annotation.models import Assignment, Campaign, Enrolment, Task, Worker
from annotation.statements import Read

_CAMPAIGN = (
    "id kind status stop_when_decided release_id session_cap break_every undo_steps lease_s seed gold_share "
    "qualification_share"
)
_COUNTERS = "n_answers n_counted session_done n_gold n_gold_right n_training n_training_right"
_SHOWN = "kind sketch_id product_id candidate_a_id candidate_b_id explanation"
_STANDING = "n_votes n_wanted n_counted n_leased n_a n_b n_undone is_gold is_training gold_answer has_room"
_TASK = f"id campaign_id position status {_SHOWN} {_STANDING}"
_ASSIGNMENT = "id task_id worker_id enrolment_id status lease_expires_at renewed left_is_a position"

# What every answer needs; the ORM fetches the rest for the few that need more, as renewals.
_ANSWERED = Read(
    {
        Assignment: "id task_id worker_id enrolment_id status lease_expires_at left_is_a",
        Task: "id status candidate_a_id explanation n_votes n_counted n_leased n_a n_b n_undone is_gold is_training "
        "gold_answer",
        Enrolment: f"id campaign_id qualified blocked {_COUNTERS}",
        Campaign: "id status stop_when_decided release_id session_cap break_every undo_steps",
    },
    """
    FROM annotation_assignment
    JOIN annotation_task ON annotation_task.id = annotation_assignment.task_id
    JOIN annotation_enrolment ON annotation_enrolment.id = annotation_assignment.enrolment_id
    JOIN annotation_campaign ON annotation_campaign.id = annotation_enrolment.campaign_id
    JOIN annotation_worker ON annotation_worker.id = annotation_assignment.worker_id
    WHERE annotation_assignment.id = %s AND annotation_worker.id = %s AND annotation_worker.key = %s
    """,
    lock="FOR NO KEY UPDATE OF annotation_assignment, annotation_task",
)
_ENROLMENT = """
    FROM annotation_enrolment
    JOIN annotation_campaign ON annotation_campaign.id = annotation_enrolment.campaign_id
"""
_JOINED = Read(
    {Enrolment: "", Campaign: ""},
    f"""{_ENROLMENT} JOIN annotation_worker ON annotation_worker.id = annotation_enrolment.worker_id
    WHERE annotation_worker.id = %s AND annotation_worker.key = %s AND campaign_id = %s""",
)
_CLAIMING = Read(
    {Enrolment: "", Campaign: _CAMPAIGN},
    f"{_ENROLMENT} WHERE annotation_enrolment.id = %s",
    lock="FOR NO KEY UPDATE OF annotation_enrolment",
)
_HELD = Read(
    {Assignment: _ASSIGNMENT, Task: _TASK},
    """
    FROM annotation_assignment JOIN annotation_task ON annotation_task.id = annotation_assignment.task_id
    WHERE annotation_assignment.enrolment_id = %s AND annotation_assignment.status = 'leased'
    ORDER BY annotation_assignment.position
    """,
)
# OFFSET: without it PostgreSQL may read every assignment there is, to join the few tasks with them.
_FREE = Read(
    {Task: _TASK},
    """
    FROM annotation_task
    WHERE campaign_id = %s AND has_room = TRUE AND position > %s AND position <= %s AND NOT EXISTS (
        SELECT 1 FROM annotation_assignment
        WHERE annotation_assignment.task_id = annotation_task.id AND annotation_assignment.worker_id = %s
        LIMIT 1 OFFSET 0
    )
    ORDER BY position, id LIMIT %s
    """,
    lock="FOR NO KEY UPDATE OF annotation_task SKIP LOCKED",
)


def assignment_row(assignment_id: int, worker: Worker) -> Assignment | None:
    """A worker's assignment and its task, both locked; with enrolment and campaign. None with an ended token, too."""
    row = _ANSWERED.row(assignment_id, worker.pk, worker.key)
    if row is None:
        return None
    assignment, task, enrolment, campaign = row
    enrolment.campaign = task.campaign = campaign
    assignment.task, assignment.enrolment = task, enrolment
    return cast(Assignment, assignment)


def enrolment_row(worker: Worker, campaign_id: int) -> Enrolment | None:
    """A worker's enrolment, with campaign and worker. None with an ended token, too."""
    row = _JOINED.row(worker.pk, worker.key, campaign_id)
    if row is None:
        return None
    enrolment, enrolment.campaign = row
    enrolment.worker = worker
    return cast(Enrolment, enrolment)


def token_ended(worker: Worker) -> bool:
    """Whether the worker was erased since the token was given out, or read."""
    return not Worker.objects.filter(pk=worker.pk, key=worker.key).exists()


def enrolment_locked(enrolment_id: int) -> Enrolment:
    """An enrolment under its lock, with campaign. Raises Enrolment.DoesNotExist."""
    row = _CLAIMING.row(enrolment_id)
    if row is None:
        raise Enrolment.DoesNotExist
    enrolment, enrolment.campaign = row
    return cast(Enrolment, enrolment)


def held_rows(enrolment: Enrolment) -> list[Assignment]:
    """The assignments in a worker's hand, in their order, with their tasks."""
    rows = _HELD.rows(enrolment.pk)
    for assignment, task in rows:
        assignment.task = task
    return [assignment for assignment, _ in rows]


def free_rows(enrolment: Enrolment, n: int, *, after: int, until: int) -> list[Task]:
    """Up to `n` tasks with room that the worker never had, at positions after one and until another, locked.

    Passes over those that another transaction holds.
    """
    return [task for (task,) in _FREE.rows(enrolment.campaign_id, after, until, enrolment.worker_id, n)]

"""What an answer changes besides its own row: its assignment, and the counters of task and enrolment."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import connection
from django.db.models import F

from annotation.models import Assignment, Campaign, Enrolment, Task, Vote
from annotation.selectors.experts import expert_answers_to
from annotation.services.work import statements
from annotation.services.work.settled import tally_of, task_state

TASK_COUNTERS = ("n_counted", "n_a", "n_b", "n_leased", "n_undone", "n_wanted", "status")


def counters_update(
    assignment: Assignment, vote: Vote, *, counted: bool, leases: int, now: datetime, times: int = 1
) -> None:
    """Store assignment, task and enrolment after `vote` is cast (`times=-1`: undone), and update the instances.

    The assignment already has its new status and lease; it and its task are locked. counted: whether the vote counts
    for the task. leases: change in open leases, 1, 0 or -1.
    """
    task, enrolment = assignment.task, assignment.enrolment
    changed = task.counts and bool(counted or leases)
    if changed:
        _task_count(task, enrolment.campaign, vote, counted=counted, leases=leases, times=times)
    increments = _enrolment_increments(task, vote, times)
    counters_store(assignment, task if changed else None, enrolment, increments, now)
    enrolment.last_seen_at = enrolment.last_answer_at = now
    for name, by in increments.items():
        setattr(enrolment, name, getattr(enrolment, name) + by)


def counters_store(
    assignment: Assignment,
    task: Task | None,
    enrolment: Enrolment,
    increments: Mapping[str, int],
    now: datetime,
) -> None:
    """Store the assignment's status and lease, the task's counters, if any, and the enrolment's times and increments."""
    if connection.vendor == "postgresql":
        statements.counters_store(assignment, task, TASK_COUNTERS, enrolment, increments, now)
        return
    assignment.save(update_fields=["status", "lease_expires_at"])
    if task:
        task.save(update_fields=TASK_COUNTERS)
    added = {name: F(name) + by for name, by in increments.items()}
    Enrolment.objects.filter(pk=enrolment.pk).update(last_seen_at=now, last_answer_at=now, **added)


def _task_count(
    task: Task, campaign: Campaign, vote: Vote, *, counted: bool, leases: int, times: int
) -> None:
    tally = tally_of(task)
    if counted:
        tally = tally.plus(vote.choice, times)
    was_settled = task.status != Task.Status.OPEN
    task.n_counted, task.n_a, task.n_b = tally.n_counted, tally.n_a, tally.n_b
    task.n_leased += leases
    task.n_undone += counted and times < 0
    task.n_wanted, task.status = task_state(task, campaign, tally)
    if was_settled and task.status == "open":  # by an undo, unless an expert has settled it
        expert = expert_answers_to([task.pk]).get(task.pk)
        task.n_wanted, task.status = task_state(task, campaign, tally, expert.outcome if expert else "")


def _enrolment_increments(task: Task, vote: Vote, times: int) -> dict[str, int]:
    """Return what the vote adds to the worker's counters."""
    answers = times * (vote.choice != Vote.Choice.SKIP)
    increments = {
        "n_answers": answers,
        "session_done": answers,
        "n_counted": times * (vote.slot is not None),
        "n_credited": times * vote.is_credited,
    }
    if vote.is_right is not None:
        role = "training" if task.is_training else "gold"
        increments |= {f"n_{role}": times, f"n_{role}_right": times * vote.is_right}
    return {name: by for name, by in increments.items() if by}

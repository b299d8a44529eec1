"""The counted votes of a campaign as columns, for everything that aggregates them."""

from __future__ import annotations

import numpy as np
from django.db.models import Case, When
from django.db.models.functions import Coalesce

from annotation.consensus.votes import CANT_TELL, A, B, Votes, votes_hash
from annotation.models import Campaign, Kind, Vote
from annotation.models.panels import INTERNAL

CODES = {Vote.Choice.A.value: A, Vote.Choice.B.value: B, Vote.Choice.CANT_TELL.value: CANT_TELL}
_COLUMNS = (
    "task_id",
    "task__sketch_id",
    "task__candidate_a_id",
    "task__candidate_b_id",
    "worker_id",
    "choice",
    "assignment__left_is_a",
    "took_ms",
)


def counted_votes(campaign: Campaign) -> Votes:
    """Return the counted votes on the campaign's triplets, in order of arrival; gold and practice tasks have none.

    Response times are the server's. Those of simulated, replayed and imported votes are as stated.
    """
    took_ms = Case(
        When(worker__panel__in=INTERNAL, then="response_ms"), default=Coalesce("measured_ms", "response_ms")
    )
    rows = list(
        Vote.objects.filter(task__campaign=campaign, task__kind=Kind.TRIPLETS, counted=True)
        .annotate(took_ms=took_ms)
        .order_by("id")
        .values_list(*_COLUMNS)
    )
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(_COLUMNS)
    task, sketch, a, b, worker = (np.array(column, dtype=np.int64) for column in columns[:5])
    choice = np.array([CODES[value] for value in columns[5]], dtype=np.int8)
    times = np.array([value or 0 for value in columns[7]], dtype=np.int64)
    return Votes(task, sketch, a, b, worker, choice, np.array(columns[6], dtype=np.bool_), times)


def votes_hashes(campaign: Campaign) -> dict[int, str]:
    """Return the hash of each task's counted votes, for tasks of any kind with at least one."""
    by_task: dict[int, list[tuple[int, str]]] = {}
    votes = Vote.objects.filter(task__campaign=campaign, counted=True)
    for task, vote, choice, values in votes.values_list("task_id", "id", "choice", "values"):
        by_task.setdefault(task, []).append(
            (vote, choice if values is None else repr(sorted(values.items())))
        )
    return {task: votes_hash(rows) for task, rows in by_task.items()}

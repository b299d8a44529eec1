"""Creating tasks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from django.db import transaction
from django.db.models import Max

from annotation.models import Campaign, Task
from annotation.services.audit import audit
from annotation.services.campaigns.lifecycle import first_wanted
from annotation.services.tasks.statistics import statistics_refresh
from webapp.accounts.models import User
from webapp.http.problems import ConflictError

_BATCH = 1000
_FEW = 500  # sketches; SQLite takes only so many parameters
_ANALYZE_FROM = 500  # tasks; otherwise PostgreSQL assumes an empty campaign and sorts it for every claim


@dataclass(frozen=True, slots=True)
class Added:
    """made: new tasks. known: those that the campaign had already, in any role, which were left out."""

    made: int
    known: int


@transaction.atomic
def tasks_create(
    *, campaign: Campaign, tasks: Sequence[Task], by: User | None, shuffle: bool = False
) -> Added:
    """Add unsaved tasks to a campaign, in their order or (`shuffle`) one drawn from its seed.

    Their kind, number of votes and position are set here. Those that the campaign has already, in any role, are left out.
    Raises ConflictError if the campaign is closed or archived.
    """
    campaign = Campaign.objects.select_for_update().get(pk=campaign.pk)
    if campaign.status in {Campaign.Status.CLOSED, Campaign.Status.ARCHIVED}:
        raise ConflictError(f"The campaign is {campaign.status}; tasks can no longer be added.")
    asked = len(tasks)
    tasks = tasks_new(campaign, tasks)
    last = Task.objects.filter(campaign=campaign).aggregate(last=Max("position"))["last"]
    start = 0 if last is None else last + 1
    places = list(range(start, start + len(tasks)))
    if shuffle:
        Random(f"tasks:{campaign.seed}:{start}").shuffle(places)
    n_wanted = first_wanted(campaign)
    for task, place in zip(tasks, places, strict=True):
        task.campaign, task.kind, task.position = campaign, campaign.kind, place
        task.n_votes, task.n_wanted = campaign.votes_per_task, n_wanted
    before = Task.objects.filter(campaign=campaign).count()
    Task.objects.bulk_create(tasks, batch_size=_BATCH, ignore_conflicts=True)
    made = Task.objects.filter(campaign=campaign).count() - before
    if made >= _ANALYZE_FROM:
        statistics_refresh(Task)
    audit("tasks.create", by=by, campaign=campaign, made=made, asked=asked)
    return Added(made, asked - made)


def tasks_new(campaign: Campaign, tasks: Sequence[Task]) -> list[Task]:
    """Return the tasks without those that show what the campaign, or an earlier one of them, asks already in any role."""
    columns = ("sketch_id", "product_id", "candidate_a_id", "candidate_b_id")
    asked = Task.objects.filter(campaign=campaign)
    sketches = {task.sketch_id for task in tasks}
    if len(sketches) <= _FEW and None not in sketches:
        asked = asked.filter(sketch__in=sketches)
    known = set(asked.values_list(*columns))
    fresh = []
    for task in tasks:
        shown = tuple(getattr(task, column) for column in columns)
        if shown not in known:
            known.add(shown)
            fresh.append(task)
    return fresh

"""A campaign's tasks grouped by status and counts in one query, for progress, forecast and agreement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from django.db.models import Count

from annotation.models import Campaign, Task


class StatusGroup(NamedTuple):
    """`n` tasks with equal status and counts; the other fields are those of `Task`."""

    status: str
    n_votes: int
    n_wanted: int
    n_counted: int
    n_a: int
    n_b: int
    n: int


def status_groups_of(campaigns: Sequence[Campaign]) -> dict[int, list[StatusGroup]]:
    """Return the groups by campaign, without gold and practice tasks; few rows even for many tasks."""
    found: dict[int, list[StatusGroup]] = {campaign.pk: [] for campaign in campaigns}
    tasks = Task.objects.filter(campaign__in=campaigns, is_gold=False, is_training=False)
    alike = tasks.values_list("campaign", *StatusGroup._fields[:-1]).annotate(count=Count("pk")).order_by()
    for campaign, *group in alike:
        found[campaign].append(StatusGroup(*group))
    return found

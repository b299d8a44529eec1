"""When a campaign will finish at the pace of the last hour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from annotation.consensus.task_status import TaskTally, votes_wanted
from annotation.models import Campaign, Task, Vote
from annotation.selectors.rounds import tasks_ahead
from annotation.selectors.status_groups import StatusGroup

WINDOW = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Forecast:
    """n_missing: expected number of votes still needed. votes_per_minute: counted votes over the last hour.

    finish_at: None if no votes came in that hour, none are missing, or it is unknown how many pairs will be asked.
    """

    n_missing: float
    votes_per_minute: float
    finish_at: datetime | None


def forecast_of(campaign: Campaign, status_groups: Sequence[StatusGroup], *, now: datetime) -> Forecast:
    """Return the forecast for a campaign with the given status groups.

    Counts the votes still wanted, plus one for each triplet that may be settled early, times the share of triplets on
    which workers disagreed so far.
    """
    unsettled = [s for s in status_groups if s.status == Task.Status.OPEN]
    wanted = sum(s.n * (s.n_wanted - s.n_counted) for s in unsettled)
    early = sum(s.n for s in unsettled if s.n_wanted < s.n_votes)
    judged = sum(s.n for s in status_groups if s.n_counted > 1)
    split = sum(s.n for s in status_groups if s.n_a and s.n_b)
    more = split / judged if judged else 0.0
    n_missing = wanted + early * more
    ahead = tasks_ahead(campaign)
    if ahead:
        first = votes_wanted(
            TaskTally(campaign.votes_per_task), compares=True, stop_when_decided=campaign.stop_when_decided
        )
        n_missing += ahead * (first + (more if first < campaign.votes_per_task else 0.0))
    since = max(now - WINDOW, campaign.opened_at or campaign.created_at)
    recent = Vote.objects.filter(
        task__campaign=campaign, counted=True, created_at__gt=since, created_at__lte=now
    )
    minutes = max((now - since).total_seconds() / 60, 1.0)
    rate = recent.count() / minutes
    finish_at = (
        now + timedelta(minutes=n_missing / rate) if rate and n_missing and ahead is not None else None
    )
    return Forecast(n_missing, rate, finish_at)

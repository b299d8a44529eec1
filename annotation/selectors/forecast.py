"""When a campaign will be done, if its workers go on as in the last hour."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, F, Q, Sum

from annotation.models import Campaign, Task, Vote

WINDOW = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Forecast:
    """n_missing: votes still needed, expected. votes_per_minute: counted, over the last hour. None: at a standstill."""

    n_missing: float
    votes_per_minute: float
    finish_at: datetime | None


def forecast_of(campaign: Campaign, *, now: datetime) -> Forecast:
    """Votes still wanted, and for triplets that may be settled early one more as often as workers disagreed so far."""
    tasks = Task.objects.filter(campaign=campaign, is_gold=False, is_training=False)
    sums = tasks.aggregate(
        wanted=Sum(F("n_wanted") - F("n_counted"), filter=Q(status=Task.Status.OPEN)),
        early=Count("pk", filter=Q(status=Task.Status.OPEN, n_wanted__lt=F("n_votes"))),
        judged=Count("pk", filter=Q(n_counted__gt=1)),
        split=Count("pk", filter=Q(n_a__gt=0, n_b__gt=0)),
    )
    n_missing = (sums["wanted"] or 0) + sums["early"] * (
        sums["split"] / sums["judged"] if sums["judged"] else 0.0
    )
    since = max(now - WINDOW, campaign.opened_at or campaign.created_at)
    recent = Vote.objects.filter(
        task__campaign=campaign, counted=True, created_at__gt=since, created_at__lte=now
    )
    minutes = max((now - since).total_seconds() / 60, 1.0)
    rate = recent.count() / minutes
    finish_at = now + timedelta(minutes=n_missing / rate) if rate and n_missing else None
    return Forecast(n_missing, rate, finish_at)

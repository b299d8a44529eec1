"""A campaign's progress, fast at 100,000 triplets: counters of tasks and enrolments, with costlier figures (agreement,
forecast, history) cached briefly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypedDict

from django.core.cache import cache
from django.db.models import Count, Q, Sum
from django.db.models.functions import TruncHour, TruncMinute

from annotation.models import Campaign, Enrolment, Kind, Vote
from annotation.selectors.agreement import alpha_of
from annotation.selectors.forecast import forecast_of
from annotation.selectors.money.spending import Spending, cap_of, spending_of
from annotation.selectors.rounds import settled_of
from annotation.selectors.status_groups import StatusGroup, status_groups_of

ACTIVE = timedelta(minutes=5)
_PROGRESS_TTL_S, _FIGURES_TTL_S, _HISTORY_TTL_S = 1, 30, 86_400
_POINTS = 200
_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)


class Counts(TypedDict):
    """Counts of tasks, without gold and practice tasks, of answers, and of workers."""

    n_tasks: int
    n_open: int
    n_decided: int
    n_exhausted: int
    n_votes: int
    n_counted: int
    n_workers: int
    active_workers: int


class SlowFigures(TypedDict):
    """`agreement` is Krippendorff's alpha; `history` holds counted votes over time, oldest first."""

    agreement: float | None
    forecast_at: str | None
    history: list[tuple[str, int]]


class ProgressPayload(Counts, SlowFigures):
    """`n_settled` of the `n_sketches` whose pairs are chosen by the votes are in order.

    `forecast_at` is null while nobody works: the pace of the last hour then says nothing.
    """

    status: str
    n_sketches: int
    n_settled: int
    votes_per_minute: float
    cost: float
    cost_per_decided: float | None
    currency: str
    spending_cap: float | None  # null: none; the next two are null without one
    spent: float | None
    promised: float | None
    cap_reached: bool


def counts_of(campaigns: Sequence[Campaign], *, now: datetime) -> dict[int, Counts]:
    """Return the counts of each campaign, in two queries."""
    return _counts(status_groups_of(campaigns), now)


def _counts(status_groups: Mapping[int, Sequence[StatusGroup]], now: datetime) -> dict[int, Counts]:
    """Return the counts of tasks and workers by campaign."""
    found: dict[int, Counts] = {campaign: _no_counts() for campaign in status_groups}
    for campaign, group in ((campaign, g) for campaign, groups in status_groups.items() for g in groups):
        found[campaign][f"n_{group.status}"] += group.n  # type: ignore[literal-required]
        found[campaign]["n_tasks"] += group.n
    enrolments = Enrolment.objects.filter(campaign__in=list(status_groups)).values("campaign")
    sums = enrolments.annotate(
        n_votes=Sum("n_answers"),
        counted=Sum("n_counted"),
        n_workers=Count("pk"),
        active_workers=Count("pk", filter=Q(last_seen_at__gt=now - ACTIVE)),
    )
    for row in sums.order_by():
        counts = found[row["campaign"]]
        counts["n_votes"], counts["n_counted"] = row["n_votes"], row["counted"]
        counts["n_workers"], counts["active_workers"] = row["n_workers"], row["active_workers"]
    return found


def progress_of(campaign: Campaign, *, now: datetime) -> ProgressPayload:
    """Return the progress for the operators' page, at most one second old."""
    key = f"annotation-progress-{campaign.pk}"
    payload: ProgressPayload | None = cache.get(key)
    if payload is None or payload["status"] != campaign.status:
        payload = _progress(campaign, now)
        cache.set(key, payload, _PROGRESS_TTL_S)
    return payload


def progress_cache_clear(campaign: Campaign) -> None:
    """Delete everything cached about a campaign's progress."""
    histories = [_history_key(campaign, step) for step in (_MINUTE, _HOUR)]
    cache.delete_many([f"annotation-progress-{campaign.pk}", f"annotation-figures-{campaign.pk}", *histories])


def _progress(campaign: Campaign, now: datetime) -> ProgressPayload:
    status_groups = status_groups_of([campaign])
    counts = _counts(status_groups, now)[campaign.pk]
    recent = Vote.objects.filter(created_at__gt=now - ACTIVE, task__campaign=campaign, revokes=None)
    cost = float(campaign.settings.get("cost_per_answer") or 0) * counts["n_votes"]
    settled = counts["n_decided"] + counts["n_exhausted"]
    n_settled, n_sketches = settled_of(campaign)
    figures = _slow_figures(campaign, status_groups[campaign.pk], now)
    if not counts["active_workers"]:
        figures = {**figures, "forecast_at": None}
    cap = cap_of(campaign)
    spending = Spending(None, None, None) if cap is None else spending_of(campaign, now=now)
    return {
        "status": campaign.status,
        "spending_cap": cap,
        "spent": spending.spent,
        "promised": spending.promised,
        "cap_reached": spending.reached,
        **counts,
        "votes_per_minute": round(recent.count() / (ACTIVE.total_seconds() / 60), 1),
        "cost": round(cost, 2),
        "cost_per_decided": round(cost / settled, 4) if settled and cost else None,
        "currency": str(campaign.settings.get("currency", "")),
        "n_sketches": n_sketches,
        "n_settled": n_settled,
        **figures,
    }


def _slow_figures(campaign: Campaign, status_groups: Sequence[StatusGroup], now: datetime) -> SlowFigures:
    key = f"annotation-figures-{campaign.pk}"
    figures: SlowFigures | None = cache.get(key)
    if figures is None:
        finish_at = forecast_of(campaign, status_groups, now=now).finish_at if campaign.is_open else None
        figures = {
            "agreement": alpha_of(status_groups) if campaign.kind == Kind.TRIPLETS else None,
            "forecast_at": finish_at.isoformat() if finish_at else None,
            "history": _history(campaign, now),
        }
        cache.set(key, figures, _FIGURES_TTL_S)
    return figures


def _history(campaign: Campaign, now: datetime) -> list[tuple[str, int]]:
    """Return the newest `_POINTS` counts of votes per minute, or per hour after `_POINTS` minutes.

    Past intervals are counted once and cached; they still include answers that were undone later.
    """
    started = campaign.opened_at or campaign.created_at
    step = _MINUTE if now - started <= _POINTS * _MINUTE else _HOUR
    key = _history_key(campaign, step)
    since, kept = cache.get(key, (max(now - _POINTS * step, campaign.created_at), []))
    votes = Vote.objects.filter(counted=True, created_at__gte=since, task__campaign=campaign)
    at = (TruncHour if step.seconds == 3600 else TruncMinute)("created_at")
    fresh = sorted(votes.annotate(at=at).values_list("at").annotate(n=Count("pk")).order_by())
    points = [*kept, *((moment.isoformat(), n) for moment, n in fresh)][-_POINTS:]
    current = now.replace(minute=now.minute if step.seconds == 60 else 0, second=0, microsecond=0)
    cache.set(key, (current, [p for p in points if p[0] < current.isoformat()]), _HISTORY_TTL_S)
    return points


def _history_key(campaign: Campaign, step: timedelta) -> str:
    return f"annotation-history-{campaign.pk}-{step.seconds}"


def _no_counts() -> Counts:
    return {
        "n_tasks": 0,
        "n_open": 0,
        "n_decided": 0,
        "n_exhausted": 0,
        "n_votes": 0,
        "n_counted": 0,
        "n_workers": 0,
        "active_workers": 0,
    }

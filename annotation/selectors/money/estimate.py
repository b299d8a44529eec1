"""What a campaign will cost, before it is made: from its settings, its tasks and a pilot's measured pace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

import numpy as np
from django.db.models import Count, Sum

from annotation.consensus.task_status import TaskTally, votes_wanted
from annotation.estimates import adaptive
from annotation.estimates.effort import Planned, effort_of
from annotation.estimates.power import detectable_share, sign_test_power
from annotation.estimates.tasks import TaskCount
from annotation.models import Campaign, Kind, Task, Vote
from annotation.models.panels import INTERNAL
from annotation.selectors.money.rounds import PlannedTasks, pair_pace, rounds_ahead
from annotation.selectors.money.spending import cap_of
from annotation.selectors.money.terms import terms_of
from annotation.selectors.rounds import unsettled_sets

DEFAULT_SECONDS = {
    Kind.TRIPLETS: 5.0,
    Kind.ATTRIBUTES: 20.0,
    Kind.SKETCHES: 45.0,
}  # sketches: and the exposure
DEFAULT_SPLIT = 0.25  # of triplets on which the first workers disagree
PILOT_VOTES = 20  # fewer say too little about pace
_NEWEST = 5_000
_OUTLIER = 5.0  # a pause, in medians


class EstimatePayload(TypedDict):
    """Figures without `_max` are those expected. `pace_votes`, `split_tasks`, `pace_sketches`: on how much of the pilot
    the pace, the share and the pairs per sketch are based; 0: a default. `n_adaptive` sketches have their pairs chosen by
    the votes. `bonus`, `bonus_max`: the largest possible ones of all people.
    """

    n_existing: int
    n_planned: int
    n_planned_max: int
    n_adaptive: int
    pace_sketches: int
    n_gold: int
    n_practice: int
    votes_min: int
    votes: int
    votes_max: int
    gold_answers: int
    practice_answers: int
    people: int
    people_max: int
    hours: float
    hours_max: float
    seconds_per_answer: float
    pace_votes: int
    split_share: float
    split_tasks: int
    pay: float | None
    pay_max: float | None
    pay_per_hour: float | None
    bonus: float | None
    bonus_max: float | None
    currency: str
    spending_cap: float | None
    exceeds_cap: bool
    alpha: float
    effect: float
    power: float
    detectable: float | None


def estimate_of(
    campaign: Campaign, *, planned: PlannedTasks, pilot: Campaign | None, alpha: float, effect: float
) -> EstimatePayload:
    """Return the estimate for a campaign's tasks, the rounds of pairs to come, and the tasks planned.

    It is of the whole campaign: settled tasks count with the votes that they got.

    pilot: by default the campaign itself.
    """
    tasks = Task.objects.filter(campaign=campaign)
    n_existing = tasks.filter(is_gold=False, is_training=False).count()
    n_gold, n_practice = tasks.filter(is_gold=True).count(), tasks.filter(is_training=True).count()
    n_adaptive = unsettled_sets(campaign).count() + planned.n_adaptive
    rounds = pair_pace(pilot or campaign)
    more = planned.count(rounds) + rounds_ahead(campaign, rounds)
    pace, pace_votes = _pace(pilot or campaign)
    split, split_tasks = _split(pilot or campaign, adaptive.SPLIT if n_adaptive else DEFAULT_SPLIT)
    settings: Mapping[str, Any] = campaign.settings
    seconds = pace or _default_seconds(campaign)
    terms = {"compares": campaign.kind == Kind.TRIPLETS, "stop_when_decided": campaign.stop_when_decided}
    settled = tasks.filter(is_gold=False, is_training=False).exclude(status=Task.Status.OPEN)
    given = settled.aggregate(n=Count("pk"), votes=Sum("n_counted"))
    effort = effort_of(
        Planned(
            tasks=TaskCount.exactly(n_existing - given["n"]) + more,
            n_settled=given["n"],
            votes_given=given["votes"] or 0,
            votes_per_task=campaign.votes_per_task,
            n_wanted=votes_wanted(TaskTally(campaign.votes_per_task), **terms),
            split_share=split,
            gold_share=campaign.gold_share if n_gold else 0.0,
            n_gold=n_gold,
            n_practice=n_practice,
            required_answers=campaign.required_answers,
            seconds_per_answer=seconds,
            reward=settings.get("reward"),
            cost_per_answer=settings.get("cost_per_answer") or None,
            most_bonus=terms_of(campaign).most_bonus(0) if settings.get("bonus") else None,
        )
    )
    likely, most = effort.likely, effort.most
    n_tasks = round(n_existing + more.likely)
    cap = cap_of(campaign)
    return {
        "n_existing": n_existing,
        "n_planned": round(more.likely),
        "n_planned_max": round(more.most),
        "n_adaptive": n_adaptive,
        "pace_sketches": rounds.n_sketches,
        "n_gold": n_gold,
        "n_practice": n_practice,
        "votes_min": effort.votes_min,
        "votes": likely.votes,
        "votes_max": most.votes,
        "gold_answers": likely.gold_answers,
        "practice_answers": likely.practice_answers,
        "people": likely.people,
        "people_max": most.people,
        "hours": round(likely.hours, 2),
        "hours_max": round(most.hours, 2),
        "seconds_per_answer": round(seconds, 2),
        "pace_votes": pace_votes,
        "split_share": round(split, 3),
        "split_tasks": split_tasks,
        "pay": _rounded(likely.pay, 2),
        "pay_max": _rounded(most.pay, 2),
        "pay_per_hour": _rounded(likely.pay_per_hour, 2),
        "bonus": _rounded(likely.bonus, 2),
        "bonus_max": _rounded(most.bonus, 2),
        "currency": str(settings.get("currency", "")),
        "spending_cap": cap,
        "exceeds_cap": cap is not None and likely.cost is not None and likely.cost > cap,
        "alpha": alpha,
        "effect": effect,
        "power": round(sign_test_power(n_tasks, effect, alpha), 4),
        "detectable": _rounded(detectable_share(n_tasks, alpha), 4),
    }


def _pace(pilot: Campaign) -> tuple[float | None, int]:
    """Return the mean seconds of an answer by people, without pauses, and the number of answers; None if too few."""
    votes = Vote.objects.filter(task__campaign=pilot, task__is_training=False, revokes=None)
    votes = votes.exclude(choice=Vote.Choice.SKIP).exclude(worker__panel__in=INTERNAL)
    times = votes.filter(measured_ms__isnull=False).order_by("-pk").values_list("measured_ms", flat=True)
    seconds = np.array(list(times[:_NEWEST]), dtype=np.float64) / 1000
    if len(seconds) < PILOT_VOTES:
        return None, 0
    return float(np.minimum(seconds, _OUTLIER * np.median(seconds)).mean()), len(seconds)


def _split(pilot: Campaign, default: float) -> tuple[float, int]:
    """Return the share of a pilot's triplets whose workers disagree, and of how many."""
    judged = Task.objects.filter(campaign=pilot, kind=Kind.TRIPLETS, n_counted__gt=1)
    n = judged.count()
    if n < PILOT_VOTES:
        return default, 0
    return judged.filter(n_a__gt=0, n_b__gt=0).count() / n, n


def _default_seconds(campaign: Campaign) -> float:
    seconds = DEFAULT_SECONDS[Kind(campaign.kind)]
    return seconds + campaign.exposure_s if campaign.kind == Kind.SKETCHES else seconds


def _rounded(figure: float | None, digits: int) -> float | None:
    return None if figure is None else round(figure, digits)

"""A campaign's rules applied to a worker's first answers, before the periodic job computes all reports."""

from __future__ import annotations

import numpy as np
from rest_framework.exceptions import ValidationError

from annotation.consensus.rules import findings
from annotation.consensus.workers import WorkerReport, wilson
from annotation.models import Enrolment, Kind, Vote
from annotation.services.workers.moderation import enrolment_block
from annotation.services.workers.reports import findings_text, is_exempt, rules_of

FIRST, LAST = 4, 100  # answers between which every claim, and the end, looks at the worker's own votes


def early_rules_apply(enrolment: Enrolment) -> None:
    """Block a worker whose own answers break a rule of the campaign, if its rules act.

    Looks at gold tasks, speed and the preference for a side. Agreement needs the votes of others: it waits for the job.
    """
    campaign = enrolment.campaign
    if campaign.kind != Kind.TRIPLETS or not campaign.settings.get("rules_act"):
        return
    if enrolment.blocked or not FIRST <= enrolment.n_answers <= LAST:
        return
    try:
        rules = rules_of(campaign)
    except ValidationError:  # stored before rules were checked; the job reports it
        return
    blocking = [one for one in findings(_own_report(enrolment), rules) if one.level == "block"]
    if blocking and not is_exempt(enrolment):
        enrolment_block(enrolment=enrolment, by=None, reason=findings_text(blocking))


def _own_report(enrolment: Enrolment) -> WorkerReport:
    """Return the figures of a worker's answers to gold and other tasks, without those that compare workers."""
    votes = Vote.objects.filter(worker=enrolment.worker_id, task__campaign=enrolment.campaign_id)
    rows = list(
        votes.filter(
            task__is_training=False, choice__in=["a", "b", "cant_tell"], revoked_by=None
        ).values_list("side", "measured_ms")
    )
    sides = [side for side, _ in rows if side]
    n_left = sides.count("left")
    times = [ms for _, ms in rows if ms is not None]
    low, high = wilson(n_left, len(sides))
    return WorkerReport(
        worker=enrolment.worker_id,
        n_votes=len(rows),
        n_cant_tell=len(rows) - len(sides),
        agreement=None,
        n_compared=0,
        left_share=n_left / len(sides) if sides else None,
        left_low=low,
        left_high=high,
        median_ms=float(np.median(times)) if times else None,
        gold_right=enrolment.n_gold_right,
        gold_total=enrolment.n_gold,
    )

"""Workers' reports from the votes as they are now, and the limits of a campaign."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from annotation.consensus.rules import Rules
from annotation.consensus.workers import WorkerReport, worker_reports
from annotation.models import Campaign, Enrolment
from annotation.selectors.experts import expert_outcomes
from annotation.selectors.votes import counted_votes


def limits_of(campaign: Campaign) -> Rules:
    """Return the campaign's limits over the defaults, without those of an unknown name or value that are stored since
    before they were checked.
    """
    known = {field.name for field in fields(Rules)}
    given: dict[str, Any] = campaign.settings.get("rules", {})
    return Rules(**{name: value for name, value in given.items() if name in known and _is_number(value)})


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def reports_of(campaign: Campaign, enrolments: Iterable[Enrolment]) -> list[WorkerReport]:
    """Return the report of every worker with counted votes, from the votes as they are now."""
    gold = {one.worker_id: (one.n_gold_right, one.n_gold) for one in enrolments}
    return worker_reports(counted_votes(campaign), gold, expert_outcomes(campaign))


def empty_report(enrolment: Enrolment) -> WorkerReport:
    """Return the report of a worker without counted votes: only gold tasks are in it."""
    return WorkerReport(
        worker=enrolment.worker_id,
        n_votes=0,
        n_cant_tell=0,
        agreement=None,
        n_compared=0,
        left_share=None,
        left_low=0.0,
        left_high=1.0,
        median_ms=None,
        gold_right=enrolment.n_gold_right,
        gold_total=enrolment.n_gold,
    )

"""Workers' reports from the votes as they are now, and the limits of a campaign."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, replace
from typing import Any

from django.core.cache import cache
from django.db.models import Count, Max

from annotation.consensus.rules import Finding, Rules, findings
from annotation.consensus.workers import WorkerReport, worker_reports
from annotation.models import Campaign, Enrolment, ExpertAnswer, Kind, Vote
from annotation.selectors.experts import expert_outcomes
from annotation.selectors.votes import counted_votes

_KEEP_S = 600


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


def judged_now(
    campaign: Campaign, enrolments: Iterable[Enrolment]
) -> dict[int, tuple[WorkerReport, list[Finding]]]:
    """Return the report of each enrolment's worker, and the rules that it breaks, from the votes as they are now.

    Every page that says how a worker stands reads it here, so that no two of them differ. Reports are kept until a vote
    or an expert's answer is added.
    """
    found, rules = _kept(campaign), limits_of(campaign)
    judged = {}
    for one in enrolments:
        report = found.get(one.worker_id) or empty_report(one)
        report = replace(report, gold_right=one.n_gold_right, gold_total=one.n_gold)
        judged[one.worker_id] = report, findings(report, rules)
    return judged


def finding_payload(finding: Finding) -> dict[str, Any]:
    """Return a broken rule; `value` is what was measured, as the rule compares it."""
    return {"rule": finding.rule, "level": finding.level, "value": finding.value, "limit": finding.limit}


def _kept(campaign: Campaign) -> dict[int, WorkerReport]:
    if campaign.kind != Kind.TRIPLETS:
        return {}
    votes = Vote.objects.filter(task__campaign=campaign).aggregate(n=Count("pk"), last=Max("pk"))
    experts = ExpertAnswer.objects.filter(task__campaign=campaign).aggregate(n=Count("pk"), last=Max("pk"))
    state = (votes["n"], votes["last"], experts["n"], experts["last"])
    key = f"annotation-reports-{campaign.pk}"
    known, found = cache.get(key, (None, {}))
    if known != state:
        found = {report.worker: report for report in reports_of(campaign, [])}
        cache.set(key, (state, found), _KEEP_S)
    return dict(found)


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

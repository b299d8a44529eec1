"""Workers' reports, and the limits of a campaign.

The table of workers shows the reports of large open campaigns as the periodic job has stored them, since computing them
from 60,000 votes takes half a second, which grows with the votes. Elsewhere, and for all that concerns pay, reports are
those of the votes as they are now.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.core.cache import cache
from django.db.models import Count, Max, Sum

from annotation.consensus.rules import Finding, Rules, findings
from annotation.consensus.workers import WorkerReport, worker_reports
from annotation.models import Campaign, Enrolment, ExpertAnswer, Kind, WorkerFigures
from annotation.selectors.experts import expert_outcomes
from annotation.selectors.votes import counted_votes

CURRENT_UP_TO = 10_000  # answers of an open campaign; above, the table shows the job's figures
_KEEP_S = 600


@dataclass(frozen=True, slots=True)
class Judged:
    """Each worker's report and the rules that it breaks, by worker. computed_at: of stored reports; None: up to date."""

    of: dict[int, tuple[WorkerReport, list[Finding]]]
    computed_at: datetime | None


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


def judged(campaign: Campaign, enrolments: Iterable[Enrolment]) -> Judged:
    """Return the reports of the enrolments' workers, stored or from the votes as they are now."""
    found = list(enrolments)
    if campaign.is_open and _n_answers(campaign) > CURRENT_UP_TO:
        stored = WorkerFigures.objects.filter(enrolment__campaign=campaign)
        if computed_at := stored.aggregate(at=Max("computed_at"))["at"]:
            rows = stored.filter(enrolment__in=found).values_list("enrolment__worker", "report")
            reports = {worker: WorkerReport(**report) for worker, report in rows}
            return Judged(_judged(campaign, found, reports), computed_at)
    return Judged(judged_now(campaign, found), None)


def judged_now(
    campaign: Campaign, enrolments: Iterable[Enrolment]
) -> dict[int, tuple[WorkerReport, list[Finding]]]:
    """Return the report of each enrolment's worker, and the rules that it breaks, from the votes as they are now.

    They are kept until a vote or an expert's answer is added.
    """
    return _judged(campaign, enrolments, _kept(campaign))


def _judged(
    campaign: Campaign, enrolments: Iterable[Enrolment], reports: Mapping[int, WorkerReport]
) -> dict[int, tuple[WorkerReport, list[Finding]]]:
    rules, result = limits_of(campaign), {}
    for one in enrolments:
        report = reports.get(one.worker_id) or empty_report(one)
        report = replace(report, gold_right=one.n_gold_right, gold_total=one.n_gold)
        result[one.worker_id] = report, findings(report, rules)
    return result


def finding_payload(finding: Finding) -> dict[str, Any]:
    """Return a broken rule; `value` is what was measured, as the rule compares it."""
    return {"rule": finding.rule, "level": finding.level, "value": finding.value, "limit": finding.limit}


def _kept(campaign: Campaign) -> dict[int, WorkerReport]:
    if campaign.kind != Kind.TRIPLETS:
        return {}
    people = Enrolment.objects.filter(campaign=campaign).order_by("pk")
    answers = list(people.values_list("pk", "n_answers", "last_answer_at"))
    experts = ExpertAnswer.objects.filter(task__campaign=campaign).aggregate(n=Count("pk"), last=Max("pk"))
    state = sha256(repr([answers, experts]).encode()).hexdigest()
    key = f"annotation-reports-{campaign.pk}"
    known, found = cache.get(key, ("", {}))
    if known != state:
        found = {report.worker: report for report in reports_of(campaign, [])}
        cache.set(key, (state, found), _KEEP_S)
    return dict(found)


def _n_answers(campaign: Campaign) -> int:
    return Enrolment.objects.filter(campaign=campaign).aggregate(n=Sum("n_answers"))["n"] or 0


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

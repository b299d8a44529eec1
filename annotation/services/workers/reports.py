"""Worker reports, and the campaign's rules applied to them. Operators can reverse every action of a rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime

from django.db import transaction
from rest_framework.exceptions import ValidationError

from annotation.consensus.rules import Finding, Rules, findings
from annotation.models import AuditEvent, Campaign, Enrolment, WorkerFigures
from annotation.models.panels import IMPORTED, INTERNAL
from annotation.selectors.reports import reports_of
from annotation.services.workers.moderation import enrolment_block, enrolment_warn


@dataclass(frozen=True, slots=True)
class RulesApplied:
    """How many workers the rules warned and blocked."""

    n_warned: int
    n_blocked: int


def rules_of(campaign: Campaign) -> Rules:
    """Return the campaign's limits, `settings["rules"]` over the defaults. Raises ValidationError naming the limit."""
    given = dict(campaign.settings.get("rules", {}))
    known = {field.name for field in fields(Rules)}
    for name, value in given.items():
        if name not in known or isinstance(value, bool) or not isinstance(value, int | float):
            raise ValidationError(
                {"settings": f"rules.{name}: must be a number, and one of {', '.join(sorted(known))}"}
            )
    return Rules(**given)


@transaction.atomic
def worker_reports_refresh(*, campaign: Campaign, now: datetime) -> int:
    """Compute and store the report of every worker with counted votes in the campaign; return their number."""
    enrolments = {one.worker_id: one for one in Enrolment.objects.filter(campaign=campaign)}
    rules = rules_of(campaign)
    rows = [
        WorkerFigures(
            enrolment=enrolments[report.worker],
            report=asdict(report),
            findings=[asdict(finding) for finding in findings(report, rules)],
            computed_at=now,
        )
        for report in reports_of(campaign, enrolments.values())
    ]
    WorkerFigures.objects.bulk_create(
        rows,
        batch_size=500,
        update_conflicts=True,
        unique_fields=["enrolment"],
        update_fields=["report", "findings", "computed_at"],
    )
    WorkerFigures.objects.filter(enrolment__campaign=campaign, computed_at__lt=now).delete()
    return len(rows)


@transaction.atomic
def worker_rules_apply(*, campaign: Campaign, now: datetime) -> RulesApplied:
    """Warn and block workers according to the last reports; audited without an operator's name.

    Skips workers who are blocked already or have a warning, imported workers, and workers for whom an operator has
    withdrawn a block or a warning.
    """
    figures = WorkerFigures.objects.filter(enrolment__campaign=campaign).exclude(findings=[])
    exempt = _exempt(campaign)
    n_warned = n_blocked = 0
    for row in figures.select_related("enrolment__worker", "enrolment__campaign"):
        enrolment = row.enrolment
        if enrolment.blocked or enrolment.worker.panel == IMPORTED or enrolment.worker_id in exempt:
            continue
        broken = [Finding(**finding) for finding in row.findings]
        blocking = [finding for finding in broken if finding.level == "block"]
        reason = findings_text(blocking or broken)
        if blocking:
            enrolment_block(enrolment=enrolment, by=None, reason=reason)
            n_blocked += 1
        elif not enrolment.warning:
            enrolment_warn(enrolment=enrolment, by=None, reason=reason, now=now)
            n_warned += 1
    return RulesApplied(n_warned, n_blocked)


def is_exempt(enrolment: Enrolment) -> bool:
    """Return whether rules leave a worker alone: imported or simulated, or an operator has decided about them."""
    worker = enrolment.worker
    return worker.panel in INTERNAL or worker.pk in _exempt(enrolment.campaign)


def findings_text(found: Sequence[Finding]) -> str:
    """Return findings as the reason for a warning or block."""
    return "; ".join(_finding_text(finding) for finding in found)


def _exempt(campaign: Campaign) -> set[int | None]:
    """Return the workers for whom an operator has withdrawn a block or a warning."""
    withdrawn = AuditEvent.objects.filter(campaign=campaign, action="enrolment.unblock") | (
        AuditEvent.objects.filter(campaign=campaign, action="enrolment.warn", reason="")
    )
    return set(withdrawn.exclude(by=None).values_list("worker_id", flat=True))


def _finding_text(finding: Finding) -> str:
    words = {
        "gold": "known answers right",
        "agreement": "agreement with others",
        "speed": "median answer in ms",
        "left": "preference for one side",
    }
    return f"{words[finding.rule]}: {finding.value:.3g}, limit {finding.limit:g}"

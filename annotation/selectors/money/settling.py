"""A campaign's participants as they are settled: what each did, what the rules say it earns, and what was decided."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db.models import F, QuerySet, Sum, Value
from django.db.models.functions import Coalesce, Least
from django.utils import timezone

from annotation.consensus.rules import Finding
from annotation.consensus.workers import WorkerReport
from annotation.models import Campaign, Decision, Ending, Enrolment, Submission, Verdict, Vote
from annotation.models.panels import IMPORTED, REPLAYED
from annotation.selectors.money.pay import early_pay_of
from annotation.selectors.money.spending import spending_of
from annotation.selectors.reports import finding_payload, judged_now
from annotation.selectors.shares import share_payload
from annotation.selectors.standing import ending_due
from annotation.settling.lists import Decided
from annotation.settling.rules import bonus, money

STATES = ("finished", "screened_out", "ended_early", "returned", "failed_checks", "blocked", "working")


def participants_of(campaign: Campaign) -> QuerySet[Enrolment]:
    """Return everyone who joined on this site, with what settling reads."""
    rows = Enrolment.objects.filter(campaign=campaign).exclude(worker__panel__in=[IMPORTED, REPLAYED])
    return rows.select_related("campaign", "worker", "decision__by", "submission").order_by("pk")


def settle_payload(campaign: Campaign) -> dict[str, Any]:
    """Return every participant's row and the totals, from the votes as they are now."""
    enrolments = list(participants_of(campaign))
    judged, worked = judged_now(campaign, enrolments), _worked_ms(campaign)
    rows = [_row(one, *judged[one.worker_id], worked.get(one.worker_id, 0)) for one in enrolments]
    return {"rows": rows, "totals": _totals(rows), **_terms(campaign)}


def due(enrolment: Enrolment, report: WorkerReport) -> tuple[dict[str, Decimal], Decimal]:
    """Return what each verdict pays, and the bonus, by the campaign's rules.

    Approval pays what was stated on finishing, else the reward. Who is paid by bonus only gets what was stated on ending
    early, or what the work since then earns, if that is more.
    """
    settings = enrolment.campaign.settings
    finished = enrolment.pay if enrolment.ending == Ending.FINISHED else None
    told = enrolment.pay if enrolment.ending == Ending.ENDED_EARLY else None
    pays = {
        Verdict.APPROVE.value: money(settings.get("reward") or 0) if finished is None else finished,
        Verdict.BONUS.value: max(told or money(0), early_pay_of(enrolment) or money(0)),
        Verdict.REJECT.value: money(0),
    }
    agrees = round((report.agreement or 0) * report.n_compared)
    extra = bonus(
        settings.get("bonus"),
        gold_right=enrolment.n_gold_right,
        agrees=agrees,
        compared=report.n_compared,
    )
    return pays, extra


def decided_rows(campaign: Campaign, panel: str = "") -> list[Decided]:
    """Return the decisions about participants whose ID is known, of one panel or of all, in order of joining."""
    rows = Decision.objects.filter(enrolment__campaign=campaign).exclude(enrolment__worker__panel_id="")
    if panel:
        rows = rows.filter(enrolment__worker__panel=panel)
    return [_decided(one) for one in rows.select_related("enrolment__worker", "by").order_by("enrolment_id")]


def _decided(decision: Decision) -> Decided:
    enrolment = decision.enrolment
    worker = enrolment.worker
    return Decided(
        panel=worker.panel,
        participant=worker.panel_id,
        study=enrolment.study_id,
        session=enrolment.panel_session,
        worker=str(worker),
        ending=enrolment.ending,
        code=enrolment.completion_code,
        verdict=decision.verdict,
        pay=decision.pay,
        bonus=decision.bonus,
        by_bonus=decision.by_bonus,
        reason=decision.reason,
        by=decision.by.username if decision.by else "",
        at=decision.at,
    )


def _worked_ms(campaign: Campaign) -> dict[int, int]:
    """Return each worker's time on answers by the server's clock; a pause counts at most as the lease of one task."""
    times = Vote.objects.filter(task__campaign=campaign).exclude(choice=Vote.Choice.UNDO).values("worker")
    capped = Least(Coalesce(F("measured_ms"), Value(0)), Value(campaign.lease_s * 1000))
    return {row["worker"]: row["ms"] for row in times.annotate(ms=Sum(capped)).order_by()}


def _row(enrolment: Enrolment, report: WorkerReport, broken: list[Finding], worked_ms: int) -> dict[str, Any]:
    submission: Submission | None = getattr(enrolment, "submission", None)
    decision: Decision | None = getattr(enrolment, "decision", None)
    state = _state(enrolment, broken, submission)
    pays, extra = due(enrolment, report)
    worker = enrolment.worker
    return {
        "enrolment_id": enrolment.pk,
        "worker": str(worker),
        "panel": worker.panel,
        "panel_id": worker.panel_id,
        "erased": worker.erased_at is not None,
        "state": state,
        "ending": enrolment.ending,
        "ended_at": enrolment.ended_at,
        "completion_code": enrolment.completion_code,
        "panel_status": submission.status if submission else "",
        "panel_code": submission.code if submission else "",
        "minutes": round(worked_ms / 60_000, 2),
        "minutes_between": _minutes_between(enrolment),
        "n_answers": enrolment.n_answers,
        "n_credited": enrolment.n_credited,
        "gold_right": enrolment.n_gold_right,
        "gold_total": enrolment.n_gold,
        "agreement": share_payload(round((report.agreement or 0) * report.n_compared), report.n_compared),
        "findings": [finding_payload(one) for one in broken],
        "block_reason": enrolment.block_reason,
        "pays": pays,
        "bonus": extra,
        "suggested": _suggested(state, enrolment, pays),
        "decision": decision_payload(decision) if decision else None,
    }


def decision_payload(decision: Decision) -> dict[str, Any]:
    return {
        "verdict": decision.verdict,
        "pay": decision.pay,
        "bonus": decision.bonus,
        "amount": decision.amount,
        "reason": decision.reason,
        "by": decision.by.username if decision.by else None,
        "at": decision.at,
    }


def _state(enrolment: Enrolment, broken: list[Finding], submission: Submission | None) -> str:
    """Return how a participation stands; what speaks against paying comes first.

    Who has earned the code has finished, even if they have not fetched it.
    """
    if enrolment.blocked:
        return "blocked"
    if submission and submission.is_returned:
        return "returned"
    if any(finding.level == "block" for finding in broken):
        return "failed_checks"
    if not enrolment.qualified:
        return "screened_out"
    earned = ending_due(enrolment) if enrolment.ending != Ending.FINISHED else ""
    return earned or enrolment.ending or "working"


def _suggested(state: str, enrolment: Enrolment, pays: Mapping[str, Decimal]) -> str:
    """Return the verdict that the campaign's terms imply; empty where an operator has to weigh reasons."""
    if not enrolment.worker.panel_id:
        return ""
    if state == "finished":
        return Verdict.APPROVE
    partial = state in {"ended_early", "returned"} and pays[Verdict.BONUS] > 0
    return Verdict.BONUS if partial else ""


def _minutes_between(enrolment: Enrolment) -> float | None:
    """Return the minutes from joining to the last answer, with all pauses."""
    if enrolment.last_answer_at is None:
        return None
    return round((enrolment.last_answer_at - enrolment.created_at).total_seconds() / 60, 2)


def _terms(campaign: Campaign) -> dict[str, Any]:
    settings = campaign.settings
    spending = spending_of(campaign, now=timezone.now())
    return {
        "title": campaign.title,
        "currency": settings.get("currency", ""),
        "reward": settings.get("reward"),
        "required_answers": campaign.required_answers,
        "partial_pay": settings.get("partial_pay"),
        "bonus_rule": settings.get("bonus"),
        "spending_cap": spending.cap,
        "spent": spending.spent,
        "promised": spending.promised,
    }


def _totals(rows: list[dict[str, Any]]) -> dict[str, Any]:
    decisions = [row["decision"] for row in rows if row["decision"]]
    paid = [row for row in rows if row["decision"] and row["decision"]["amount"]]
    amount = sum((row["decision"]["amount"] for row in paid), Decimal(0))
    hours = sum(row["minutes"] for row in paid) / 60
    of = {verdict: [one for one in decisions if one["verdict"] == verdict] for verdict in Verdict.values}
    return {
        "n_participants": len(rows),
        "n_undecided": len(rows) - len(decisions),
        "states": {state: sum(row["state"] == state for row in rows) for state in STATES},
        "n_approved": len(of["approve"]),
        "n_bonus_only": len(of["bonus"]),
        "n_rejected": len(of["reject"]),
        "pay": money(sum((one["pay"] for one in decisions), Decimal(0))),
        "bonus": money(sum((one["bonus"] for one in decisions), Decimal(0))),
        "amount": money(amount),
        "per_hour": money(float(amount) / hours) if hours else None,
    }

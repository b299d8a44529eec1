"""Data for operators: disputed triplets with all their votes, and workers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet

from annotation.consensus.rules import Finding, Level, Rules
from annotation.consensus.workers import WorkerReport
from annotation.models import Campaign, Enrolment, ExpertAnswer, Kind, Sketch, Task, Vote
from annotation.selectors.experts import expert_answers_to
from annotation.selectors.reports import finding_payload, judged
from annotation.selectors.shares import share_payload
from annotation.selectors.work import side_payload, sketch_url
from webapp.catalog.models import Product

ENOUGH = Rules().least_speed  # answers after which no finding means something
STATUSES = ("new", "ok", "warned", "failing", "unqualified", "blocked")


def disputed_tasks(campaign: Campaign) -> QuerySet[Task]:
    """Return the triplets on which workers disagreed, and those that ended without a majority."""
    split = Q(n_a__gt=0, n_b__gt=0) | Q(status=Task.Status.EXHAUSTED)
    return Task.objects.filter(split, campaign=campaign, kind=Kind.TRIPLETS)


def disputed_payloads(tasks: Sequence[Task]) -> list[dict[str, Any]]:
    """Return triplets with their pictures and all counted votes, in a fixed number of queries."""
    sketches = Sketch.objects.in_bulk({t.sketch_id for t in tasks if t.sketch_id})
    ids = {i for t in tasks for i in (t.candidate_a_id, t.candidate_b_id) if i}
    products = {p.pk: p for p in Product.everything.filter(pk__in=ids).prefetch_related("photos")}
    experts = expert_answers_to(t.pk for t in tasks)
    votes: dict[int, list[dict[str, Any]]] = {t.pk: [] for t in tasks}
    for vote in Vote.objects.filter(task__in=tasks, counted=True).order_by("id"):
        votes[vote.task_id].append(
            {
                "id": vote.pk,
                "worker": f"W{vote.worker_id}",
                "choice": vote.choice,
                "side": vote.side,
                "response_ms": vote.response_ms if vote.measured_ms is None else vote.measured_ms,
                "created_at": vote.created_at,
            }
        )
    return [
        {
            "task_id": task.pk,
            "status": task.status,
            "expert": expert_payload(experts[task.pk]) if task.pk in experts else None,
            "sketch_url": sketch_url(sketches[task.sketch_id or 0]),
            "a": side_payload(products[task.candidate_a_id or 0]),
            "b": side_payload(products[task.candidate_b_id or 0]),
            "votes": votes[task.pk],
        }
        for task in tasks
    ]


def expert_payload(answer: ExpertAnswer) -> dict[str, Any]:
    return {
        "outcome": answer.outcome,
        "reason": answer.reason,
        "by": answer.by.username if answer.by else None,
        "created_at": answer.created_at,
    }


def enrolments_of(campaign: Campaign) -> QuerySet[Enrolment]:
    """Return all enrolments of a campaign."""
    return Enrolment.objects.filter(campaign=campaign).select_related("worker")


def worker_payloads(campaign: Campaign, enrolments: Sequence[Enrolment]) -> list[dict[str, Any]]:
    """Return workers' status and figures. Workers are identified only by number."""
    found = judged(campaign, enrolments)
    return [
        {**_worker_payload(one, *found.of[one.worker_id]), "figures_at": found.computed_at}
        for one in enrolments
    ]


def _worker_payload(enrolment: Enrolment, report: WorkerReport, broken: list[Finding]) -> dict[str, Any]:
    reasons = [enrolment.block_reason, enrolment.warning]
    return {
        "enrolment_id": enrolment.pk,
        "worker": str(enrolment.worker),
        "panel": enrolment.worker.panel,
        "erased": enrolment.worker.erased_at is not None,
        "n_votes": enrolment.n_answers,
        "n_counted": enrolment.n_counted,
        "gold_right": enrolment.n_gold_right,
        "gold_total": enrolment.n_gold,
        "skill": share_payload(report.n_settled_right, report.n_settled),
        "agreement": report.agreement,
        "left_share": report.left_share,
        "median_ms": report.median_ms,
        "qualified": enrolment.qualified,
        "status": _status(enrolment, {finding.level for finding in broken}),
        "reasons": [reason for reason in reasons if reason],
        "findings": [finding_payload(one) for one in broken],
        "last_seen_at": enrolment.last_seen_at,
        "n_credited": enrolment.n_credited,
        "ending": enrolment.ending,
        "ended_at": enrolment.ended_at,
        "completion_code": enrolment.completion_code,
        "pay": enrolment.pay,
    }


def _status(enrolment: Enrolment, levels: set[Level]) -> str:
    if enrolment.blocked:
        return "blocked"
    if not enrolment.qualified:
        return "unqualified"
    if "block" in levels:
        return "failing"  # past a limit at which rules block, if the campaign lets them
    if enrolment.warning or levels:
        return "warned"
    return "ok" if enrolment.n_answers >= ENOUGH else "new"  # too few answers to say

"""Data for operators: disputed triplets with all their votes, and workers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q, QuerySet

from annotation.consensus.rules import Rules
from annotation.models import Campaign, Enrolment, ExpertAnswer, Kind, Sketch, Task, Vote
from annotation.selectors.experts import expert_answers_to
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
    """Return all enrolments of a campaign, with the workers' last computed figures."""
    return Enrolment.objects.filter(campaign=campaign).select_related("worker", "figures")


def worker_payload(enrolment: Enrolment) -> dict[str, Any]:
    """Return a worker's status and figures. The worker is identified only by number."""
    figures = getattr(enrolment, "figures", None)
    report = figures.report if figures else {}
    findings = figures.findings if figures else []
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
        "skill": share_payload(report.get("n_settled_right", 0), report.get("n_settled", 0)),
        "agreement": report.get("agreement"),
        "left_share": report.get("left_share"),
        "median_ms": report.get("median_ms"),
        "qualified": enrolment.qualified,
        "status": _status(enrolment, findings),
        "reasons": [reason for reason in reasons if reason],
        "findings": findings,
        "last_seen_at": enrolment.last_seen_at,
        "n_credited": enrolment.n_credited,
        "ending": enrolment.ending,
        "ended_at": enrolment.ended_at,
        "completion_code": enrolment.completion_code,
        "pay": enrolment.pay,
    }


def _status(enrolment: Enrolment, findings: list[dict[str, Any]]) -> str:
    if enrolment.blocked:
        return "blocked"
    if not enrolment.qualified:
        return "unqualified"
    levels = {finding["level"] for finding in findings}
    if "block" in levels:
        return "failing"  # past a limit at which rules block, if the campaign lets them
    if enrolment.warning or levels:
        return "warned"
    return "ok" if enrolment.n_answers >= ENOUGH else "new"  # too few answers to say

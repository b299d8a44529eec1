"""The nightly check that nothing was miscounted, computed from the votes alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import structlog
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from annotation.models import Assignment, Task, Vote
from annotation.services.audit import audit

log = structlog.get_logger(__name__)
_MAX_IDS = 20


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that some rows break: ids of the first, and the number of all."""

    rule: str
    ids: list[int]
    n: int


def counts_check() -> list[Finding]:
    """Return the broken rules, after writing them to the log and the audit log; empty if all is well.

    `over`: a task has more counted votes than it allows. `twice`: a worker counts twice on a task. `uncounted`: a vote
    with a slot does not count although no row revokes it, or counts although one does. `counters`: a task's counters
    do not match its votes. `leases`: a task's open leases do not match its assignments.
    """
    found = [_finding(rule, rows) for rule, rows in _rules().items()]
    broken = [finding for finding in found if finding.n]
    for finding in broken:
        log.error("annotation_check", rule=finding.rule, n=finding.n, ids=finding.ids)
        audit(f"check.{finding.rule}", by=None, n=finding.n, ids=finding.ids)
    return broken


def _rules() -> dict[str, QuerySet[Any]]:
    counted = Vote.objects.filter(task=OuterRef("pk"), counted=True).order_by().values("task")
    votes = Task.objects.annotate(
        found=_number(counted),
        found_a=_number(counted.filter(choice="a")),
        found_b=_number(counted.filter(choice="b")),
    )
    leased = Assignment.objects.filter(task=OuterRef("pk"), status=Assignment.Status.LEASED)
    leases = Task.objects.filter(is_gold=False, is_training=False).annotate(
        found=_number(leased.order_by().values("task"))
    )
    revoked = Exists(Vote.objects.filter(revokes=OuterRef("pk")))
    counts = Q(slot__isnull=False) & ~Q(revoked=True)
    workers = Coalesce(Subquery(counted.annotate(n=Count("worker", distinct=True)).values("n")), 0)
    return {
        "over": votes.filter(found__gt=F("n_votes")),
        "twice": votes.annotate(workers=workers).exclude(found=F("workers")),
        "uncounted": Vote.objects.annotate(revoked=revoked)
        .exclude(Q(counted=True) & counts)
        .exclude(Q(counted=False) & ~counts),
        "counters": votes.exclude(found=F("n_counted"), found_a=F("n_a"), found_b=F("n_b")),
        "leases": leases.exclude(found=F("n_leased")),
    }


def _number(rows: QuerySet[Any]) -> Coalesce:
    return Coalesce(Subquery(rows.annotate(n=Count("pk")).values("n")), 0)


def _finding(rule: str, rows: QuerySet[Any]) -> Finding:
    ids = list(rows.order_by("pk").values_list("pk", flat=True)[:_MAX_IDS])
    return Finding(rule, ids, rows.count() if len(ids) == _MAX_IDS else len(ids))

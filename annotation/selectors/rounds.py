"""Sketches whose pairs are chosen by the votes: those not in order yet, and those that await their next pairs."""

from __future__ import annotations

from django.db.models import Count, Exists, OuterRef, QuerySet

from annotation.models import Campaign, CandidateSet, Task


def due_sets(campaign: Campaign) -> QuerySet[CandidateSet]:
    """Return the candidate sets that await their next round: not settled, and without an open task."""
    open_tasks = Task.objects.filter(
        campaign=campaign,
        sketch=OuterRef("sketch"),
        status=Task.Status.OPEN,
        is_gold=False,
        is_training=False,
    )
    return unsettled_sets(campaign).filter(~Exists(open_tasks))


def unsettled_sets(campaign: Campaign) -> QuerySet[CandidateSet]:
    """Return the candidate sets whose pairs are chosen by the votes, and which are not in order yet."""
    return CandidateSet.objects.filter(campaign=campaign, risk__isnull=False, settled_at=None)


def settled_of(campaign: Campaign) -> tuple[int, int]:
    """Return how many sketches are in order, of how many whose pairs are chosen by the votes."""
    adaptive = CandidateSet.objects.filter(campaign=campaign, risk__isnull=False)
    counts = adaptive.aggregate(n=Count("pk"), settled=Count("settled_at"))
    return counts["settled"], counts["n"]


def tasks_ahead(campaign: Campaign) -> float | None:
    """Return how many tasks the unsettled sketches are expected to get, if they need as many as the settled ones did.

    None if that is unknown, because none is settled yet.
    """
    n_settled, n = settled_of(campaign)
    if n_settled == n:
        return 0.0
    if not n_settled:
        return None
    settled = CandidateSet.objects.filter(campaign=campaign, settled_at__isnull=False).values("sketch")
    tasks = Task.objects.filter(campaign=campaign, is_gold=False, is_training=False)
    n_done = tasks.filter(sketch__in=settled).count()
    unsettled = unsettled_sets(campaign).values("sketch")
    return max(0.0, n_done / n_settled * (n - n_settled) - tasks.filter(sketch__in=unsettled).count())

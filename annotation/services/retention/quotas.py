"""Quotas on donated sketches and on workers without votes."""

from __future__ import annotations

from django.db.models import Count, Exists, OuterRef, QuerySet, Sum

from annotation.models import Sketch, Vote, Worker
from annotation.models.panels import INTERNAL
from webapp.stores.quotas import Quota, Totals


def idle_workers() -> QuerySet[Worker]:
    """Return workers without account and votes, including those of panels, since anyone can send a participant ID."""
    voted = Vote.objects.filter(worker=OuterRef("pk"))
    return Worker.objects.filter(~Exists(voted), user=None).exclude(panel__in=INTERNAL)


def _gifts() -> Totals:
    gifts = Sketch.objects.filter(source=Sketch.Source.VISITOR)
    found = gifts.aggregate(rows=Count("pk"), n_bytes=Sum("n_bytes"))
    return Totals(found["rows"], found["n_bytes"] or 0)


def _workers() -> Totals:
    return Totals(idle_workers().count(), 0)


GIFTS = Quota("given sketches", _gifts)
WORKERS = Quota("new workers", _workers)

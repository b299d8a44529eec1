"""Celery jobs of annotation, on queue `default`, scheduled by beat."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from annotation.models import Campaign, ExpertAnswer
from annotation.services.aggregation.checks import counts_check
from annotation.services.aggregation.refresh import aggregation_refresh
from annotation.services.material.imports import material_import_run, material_imports_unattended
from annotation.services.retention.expiry import gifts_expire, idle_workers_expire
from annotation.services.tasks.round_jobs import pair_round_run, pair_rounds_unattended
from annotation.services.tasks.rounds import round_add
from annotation.services.work.leases import leases_expire

RECENT = timedelta(hours=1)  # several times the interval of the periodic jobs


@shared_task  # type: ignore[untyped-decorator]
def leases_expire_job() -> None:
    """Make tasks with an expired lease available again."""
    while leases_expire(now=timezone.now()):
        pass


@shared_task  # type: ignore[untyped-decorator]
def strangers_expire_job() -> None:
    """Delete idle workers without votes, and donated sketches that no task uses."""
    idle_workers_expire(now=timezone.now())
    gifts_expire(now=timezone.now())


@shared_task  # type: ignore[untyped-decorator]
def counts_check_job() -> None:
    """Run the nightly check; its findings are written to the audit log."""
    counts_check()


@shared_task  # type: ignore[untyped-decorator]
def aggregation_refresh_job(campaign_id: int) -> None:
    """Refresh the consensus and the worker reports of one campaign.

    An adaptive campaign first gets what is due, so that its last sketches are settled although nobody asks for more.
    """
    campaign = Campaign.objects.get(pk=campaign_id)
    round_add(campaign=campaign, now=timezone.now())
    aggregation_refresh(campaign=campaign, now=timezone.now())


@shared_task  # type: ignore[untyped-decorator]
def aggregations_refresh_job() -> None:
    """Queue `aggregation_refresh_job` for campaigns that accept answers, were just closed or have new expert answers."""
    recently = timezone.now() - RECENT
    active = Campaign.objects.filter(
        Q(status__in=[Campaign.Status.OPEN, Campaign.Status.PAUSED])
        | Q(closed_at__gte=recently)
        | Exists(ExpertAnswer.objects.filter(task__campaign=OuterRef("pk"), created_at__gte=recently))
    )
    for campaign_id in active.values_list("pk", flat=True):
        aggregation_refresh_job.delay(campaign_id)


@shared_task  # type: ignore[untyped-decorator]
def material_import_job(import_id: int) -> None:
    """Read an uploaded zip of sketches or photos."""
    material_import_run(import_id=import_id)


@shared_task  # type: ignore[untyped-decorator]
def material_imports_reap_job() -> None:
    """Wake a worker for every import of own material that should have one but has none."""
    for import_id in material_imports_unattended(now=timezone.now()):
        material_import_job.delay(import_id)


@shared_task  # type: ignore[untyped-decorator]
def pair_round_job(round_id: int) -> None:
    """Add the next pairs of an adaptive campaign."""
    pair_round_run(round_id=round_id)


@shared_task  # type: ignore[untyped-decorator]
def pair_rounds_reap_job() -> None:
    """Wake a worker for every round of pairs that should have one but has none."""
    for round_id in pair_rounds_unattended(now=timezone.now()):
        pair_round_job.delay(round_id)

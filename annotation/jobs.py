"""Jobs of the crowd's work, on queue `default`; beat asks for them."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from annotation.models import Campaign
from annotation.services.aggregation.checks import counts_check
from annotation.services.aggregation.refresh import aggregation_refresh
from annotation.services.retention.expiry import gifts_expire, idle_workers_expire
from annotation.services.work.leases import leases_expire


@shared_task  # type: ignore[untyped-decorator]
def leases_expire_job() -> None:
    """Gives tasks whose lease ran out back to the crowd."""
    while leases_expire(now=timezone.now()):
        pass


@shared_task  # type: ignore[untyped-decorator]
def strangers_expire_job() -> None:
    """Deletes what visitors left behind and nobody needs: workers without votes, given sketches without tasks."""
    idle_workers_expire(now=timezone.now())
    gifts_expire(now=timezone.now())


@shared_task  # type: ignore[untyped-decorator]
def counts_check_job() -> None:
    """The nightly proof; what it finds is in the audit log."""
    counts_check()


@shared_task  # type: ignore[untyped-decorator]
def aggregation_refresh_job(campaign_id: int) -> None:
    """Consensus and workers' reports of one campaign."""
    aggregation_refresh(campaign=Campaign.objects.get(pk=campaign_id), now=timezone.now())


@shared_task  # type: ignore[untyped-decorator]
def aggregations_refresh_job() -> None:
    """The same for every campaign that takes answers."""
    taking = Campaign.objects.filter(status__in=[Campaign.Status.OPEN, Campaign.Status.PAUSED])
    for campaign_id in taking.values_list("pk", flat=True):
        aggregation_refresh_job.delay(campaign_id)

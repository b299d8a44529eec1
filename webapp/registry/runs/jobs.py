"""Jobs of runs. The rows are authoritative; a message only wakes a worker, which takes the oldest run."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from django.utils import timezone

from webapp.registry.models import TrainingRun
from webapp.registry.runs import beats
from webapp.registry.runs.chain import runs_follow
from webapp.registry.runs.claims import runs_reap
from webapp.registry.runs.rules import retrain_rules_apply
from webapp.registry.runs.supervise import run_next
from webapp.registry.wake import training_wake

_MAX_WAKES = 8


# Acknowledged early: a brief failure of the broker must not end hours of training, and the row stays anyway.
@shared_task(bind=True, acks_late=False)  # type: ignore[untyped-decorator]
def training_job(self: Any) -> None:
    """Train the oldest waiting run that this worker's machine can train; harmless if none waits."""
    if run_next(worker=self.request.hostname) is not None:
        training_wake()


@shared_task  # type: ignore[untyped-decorator]
def runs_reap_job() -> None:
    """Requeue runs of dead workers, wake workers for waiting runs, and continue the chain of trained ones."""
    runs_reap(now=timezone.now())
    waiting = TrainingRun.objects.filter(status=TrainingRun.Status.QUEUED).count()
    for _ in range(min(waiting, _MAX_WAKES)):
        training_wake()
    runs_follow()
    beats.beats_expire()


@shared_task  # type: ignore[untyped-decorator]
def runs_follow_job() -> None:
    """Make releases of trained models whose index is ready."""
    runs_follow()


@shared_task  # type: ignore[untyped-decorator]
def retrain_rules_job() -> None:
    """Request the runs that new votes call for."""
    if retrain_rules_apply():
        training_wake()

"""Jobs of trainings. The rows are the truth; a message only wakes a worker, which takes what is oldest."""

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

_WAKE_AT_ONCE = 8


# Acknowledged at once: a broker that is away for a moment must not end hours of training, and the row stays.
@shared_task(bind=True, acks_late=False)  # type: ignore[untyped-decorator]
def training_job(self: Any) -> None:
    """Trains the oldest waiting run that this worker's machine can train; harmless where none waits."""
    if run_next(worker=self.request.hostname) is not None:
        training_wake()


@shared_task  # type: ignore[untyped-decorator]
def runs_reap_job() -> None:
    """Takes runs from workers that fell silent, wakes workers for what waits, and goes on with what is trained."""
    runs_reap(now=timezone.now())
    waiting = TrainingRun.objects.filter(status=TrainingRun.Status.QUEUED).count()
    for _ in range(min(waiting, _WAKE_AT_ONCE)):
        training_wake()
    runs_follow()
    beats.beats_forget()


@shared_task  # type: ignore[untyped-decorator]
def runs_follow_job() -> None:
    """Makes releases of what was trained and is indexed."""
    runs_follow()


@shared_task  # type: ignore[untyped-decorator]
def retrain_rules_job() -> None:
    """Opens the runs that new votes call for."""
    if retrain_rules_apply():
        training_wake()

"""Wake the registry's workers. Jobs are sent by name, so that requesting work does not import what does it.

A message only wakes a worker; the rows are authoritative. If the broker is unavailable, the reapers in beat do the same
later.
"""

from __future__ import annotations

from typing import Any

from celery import Signature
from django.core.cache import cache
from django.db import transaction

from webapp.celery import app
from webapp.registry.models import GateReport, IndexBuild

INDEX_BUILD = "webapp.registry.indexes.jobs.index_build_job"
INDEX_HELP = "webapp.registry.indexes.jobs.index_help_job"
FOLLOW_CATALOGUE = "webapp.registry.releases.jobs.release_follow_catalogue_job"
GATE = "webapp.registry.gates.jobs.gate_job"
TRAINING = "webapp.registry.runs.jobs.training_job"
RUNS_FOLLOW = "webapp.registry.runs.jobs.runs_follow_job"

MAX_HELPERS = 16
HELP_EXPIRES_S = 600.0
TRAINING_EXPIRES_S = 10.0  # the reaper's interval, which repeats older messages


def index_build_wake(build: IndexBuild, *, then_release: bool = False) -> None:
    """Wake a worker for the build once its row is committed; then, for a trained model, to make the release."""
    job = _job(INDEX_BUILD, build.pk, queue="index")
    if then_release:
        job.link(_job(RUNS_FOLLOW))
    transaction.on_commit(job.apply_async, robust=True)


def index_help_wake(build: IndexBuild, n: int) -> None:
    """Ask up to n workers to help with a build. Those that come too late find nothing to do."""
    for _ in range(min(n, MAX_HELPERS)):
        _job(INDEX_HELP, build.pk, queue="index", expires=HELP_EXPIRES_S).apply_async()


def release_follow_wake(**_: object) -> None:
    """Wake a worker soon to follow the catalogue; many changes within that time become one message.

    A change that finds the mark set is covered by the message: the mark expires before the message is due.
    """
    if cache.add("registry:follow-catalogue", 1, timeout=1):
        _job(FOLLOW_CATALOGUE, queue="index", countdown=1.5).apply_async()


def gate_wake(report: GateReport) -> None:
    """Wake a worker for the gate once its row is committed."""
    transaction.on_commit(_job(GATE, report.pk, queue="index").apply_async, robust=True)


def training_wake() -> None:
    """Wake a training worker once the rows are committed."""
    job = _job(TRAINING, queue="train", expires=TRAINING_EXPIRES_S)
    transaction.on_commit(job.apply_async, robust=True)


def _job(name: str, *args: Any, **options: Any) -> Signature:
    return Signature(name, args=args, options=options, immutable=True, app=app)

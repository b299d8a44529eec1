"""Request, cancel and resume runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone

from ml.errors import ConfigError, SketchfindError, gettext_noop
from webapp.accounts.models import User
from webapp.http.request_ids import request_id
from webapp.registry import ml_gateway
from webapp.registry.models import DatasetSnapshot, ModelVersion, RetrainRule, TrainingRun
from webapp.registry.releases.selectors import live_release
from webapp.registry.runs.offers import is_empty, profile_check
from webapp.registry.runs.settings import settings_validate

log = structlog.get_logger(__name__)
Status = TrainingRun.Status

MAX_PROCESSES = 64


class RunConflictError(SketchfindError):
    """The run's status does not allow the request."""


def run_request(
    *,
    snapshot: DatasetSnapshot,
    system: str,
    profile: str = "cpu",
    config: Mapping[str, Any] = {},
    base_model: ModelVersion | None = None,
    processes: int = 1,
    note: str = "",
    rule: RetrainRule | None = None,
    by: User | None = None,
) -> TrainingRun:
    """Create a queued run. Raises ConfigError naming a setting that is unknown, of a wrong type or not of that system.

    A snapshot with nothing to train on is refused as well, and a profile that no machine here can train. One that needs a
    base model uses the live one if it is of the same system, unless `base_model` is given.
    """
    if is_empty(snapshot):
        raise ConfigError("snapshot", gettext_noop("is empty: it has neither triplets nor sketches"))
    chosen = ml_gateway.profile_of(system, snapshot.format, profile)
    system = ml_gateway.system_trained(system, snapshot.format, profile)
    profile_check(profile)
    validated = settings_validate(chosen, config)
    if chosen["base_model"]:
        base_model = base_model or _live_model_of(system)
    elif base_model is not None:
        raise ConfigError("base_model", f"profile {profile} of {system} does not use a base model")
    if not 1 <= processes <= MAX_PROCESSES:
        raise ConfigError("processes", f"{processes}; must be between 1 and {MAX_PROCESSES}")
    run = TrainingRun.objects.create(
        snapshot=snapshot,
        snapshot_sha256=snapshot.sha256,
        system=system,
        profile=profile,
        config=validated,
        base_model=base_model,
        processes=processes,
        note=note,
        rule=rule,
        request_id=request_id(),
        created_by=by,
    )
    log.info("run_requested", run=run.pk, system=system, snapshot=snapshot.pk, by=by and by.pk)
    return run


def _live_model_of(system: str) -> ModelVersion | None:
    live = live_release()
    return live.model if live and live.model.system == system else None


@transaction.atomic
def run_cancel(*, run: TrainingRun) -> TrainingRun:
    """End a waiting run at once, or request its worker to stop. Raises RunConflictError if it has ended."""
    now = timezone.now()
    request = {"cancel_requested_at": now}
    waiting = TrainingRun.objects.filter(pk=run.pk, status=Status.QUEUED)
    if not waiting.update(**request, status=Status.CANCELLED, finished_at=now):
        running = TrainingRun.objects.filter(pk=run.pk, status=Status.RUNNING)
        if not running.filter(cancel_requested_at=None).update(**request) and not running.exists():
            run.refresh_from_db()
            raise RunConflictError(
                "status", f"{run.status}; only a waiting or running training can be cancelled"
            )
    run.refresh_from_db()
    return run


@transaction.atomic
def run_resume(*, run: TrainingRun) -> TrainingRun:
    """Queue a failed or cancelled run again; it resumes from its last checkpoint. Raises RunConflictError."""
    ended = TrainingRun.objects.filter(pk=run.pk, status__in=[Status.FAILED, Status.CANCELLED])
    again = {"status": Status.QUEUED, "error": "", "losses": 0, "cancel_requested_at": None}
    if not ended.update(**again, finished_at=None, worker="", device=""):
        run.refresh_from_db()
        raise RunConflictError("status", f"{run.status}; only a failed or cancelled training can be resumed")
    run.refresh_from_db()
    return run

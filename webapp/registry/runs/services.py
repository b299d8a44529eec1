"""What an operator, or a rule, may ask of training: a new run, its end, its return."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone

from ml.errors import ConfigError, SketchfindError
from webapp.accounts.models import User
from webapp.http.request_ids import request_id
from webapp.registry import ml_gateway
from webapp.registry.models import DatasetSnapshot, ModelVersion, RetrainRule, TrainingRun
from webapp.registry.releases.selectors import live_release
from webapp.registry.runs.settings import settings_checked

log = structlog.get_logger(__name__)
Status = TrainingRun.Status

MAX_PROCESSES = 64


class RunConflictError(SketchfindError):
    """The run is in another state than what was asked of it needs."""


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
    """A queued run. Raises ConfigError naming what is unknown, of a wrong type or not of that system.

    A profile that starts from a model starts from the live one where that is of its system, unless told otherwise.
    """
    chosen = ml_gateway.profile_of(system, snapshot.format, profile)
    system = ml_gateway.system_trained(system, snapshot.format, profile)
    checked = settings_checked(chosen, config)
    if chosen["base_model"]:
        base_model = base_model or _live_model_of(system)
    elif base_model is not None:
        raise ConfigError("base_model", f"profile {profile} of {system} starts from no model")
    if not 1 <= processes <= MAX_PROCESSES:
        raise ConfigError("processes", f"{processes}, must lie between 1 and {MAX_PROCESSES}")
    run = TrainingRun.objects.create(
        snapshot=snapshot,
        snapshot_sha256=snapshot.sha256,
        system=system,
        profile=profile,
        config=checked,
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
    """Ends a waiting run at once and asks a running one's worker to. Raises RunConflictError on an ended one."""
    now = timezone.now()
    asked = {"cancel_requested_at": now}
    waiting = TrainingRun.objects.filter(pk=run.pk, status=Status.QUEUED)
    if not waiting.update(**asked, status=Status.CANCELLED, finished_at=now):
        running = TrainingRun.objects.filter(pk=run.pk, status=Status.RUNNING)
        if not running.filter(cancel_requested_at=None).update(**asked) and not running.exists():
            run.refresh_from_db()
            raise RunConflictError(
                "status", f"{run.status}, only a waiting or running training can be cancelled"
            )
    run.refresh_from_db()
    return run


@transaction.atomic
def run_resume(*, run: TrainingRun) -> TrainingRun:
    """Queues a failed or cancelled run again, to go on from its last checkpoint. Raises RunConflictError."""
    ended = TrainingRun.objects.filter(pk=run.pk, status__in=[Status.FAILED, Status.CANCELLED])
    again = {"status": Status.QUEUED, "error": "", "losses": 0, "cancel_requested_at": None}
    if not ended.update(**again, finished_at=None, worker="", device=""):
        run.refresh_from_db()
        raise RunConflictError("status", f"{run.status}, only a failed or cancelled training can be resumed")
    run.refresh_from_db()
    return run

"""From a trained folder to a release that waits for its promotion: model, index, release, gate.

The state of each step is in the rows, so a worker that dies between two of them loses nothing: the next call continues.
"""

from __future__ import annotations

from pathlib import Path

import structlog
from django.db import transaction

from webapp.accounts.models import User
from webapp.registry.gates.services import gate_request
from webapp.registry.indexes.builds import index_build_request
from webapp.registry.models import IndexBuild, ModelVersion, Release, TrainingRun
from webapp.registry.releases.services import ReleaseConflictError, model_register, release_create
from webapp.registry.wake import index_build_wake

log = structlog.get_logger(__name__)
_BATCH = 20


def run_publish(*, run: TrainingRun, folder: Path) -> ModelVersion:
    """Register the model that a run trained and request its index. Raises ModelError for an unusable folder."""
    model = run.model_versions.first() or model_register(folder=folder, by=run.created_by, training_run=run)
    model_index_request(model=model, by=run.created_by)
    return model


def model_index_request(*, model: ModelVersion, by: User | None = None) -> IndexBuild:
    """Request the index of today's catalogue by a trained model; its release and gate follow, as after training.

    Raises ReleaseConflictError for a model that no run trained.
    """
    if model.training_run is None:
        raise ReleaseConflictError(
            "model", f"{model} was not trained here; use release_build to make its index"
        )
    build = index_build_request(model=model, by=by)
    index_build_wake(build, then_release=True)
    return build


def runs_follow() -> list[Release]:
    """Make a release of every ready index of a trained model and request its gate. Return the new releases."""
    ready = IndexBuild.objects.filter(
        status=IndexBuild.Status.READY, model__training_run__isnull=False, release__isnull=True
    )
    made = []
    for build in ready.select_related("model__training_run__created_by").order_by("pk")[:_BATCH]:
        run = build.model.training_run
        assert run is not None
        with transaction.atomic():
            note = f"run {run.pk}: {run.note}" if run.note else f"run {run.pk}"
            release = release_create(index_build=build, by=run.created_by, note=note[:200])
            gate_request(release=release, run=run)
        log.info("run_released", run=run.pk, release=release.pk)
        made.append(release)
    return made

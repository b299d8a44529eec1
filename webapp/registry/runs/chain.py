"""From a trained folder to a release that waits for its promotion: model, index, release, gate.

Each link is found in the rows, so that a worker which dies between two of them loses nothing: the next look goes on.
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
_AT_ONCE = 20


def run_publish(*, run: TrainingRun, folder: Path) -> ModelVersion:
    """Registers what a run trained and asks for its index. Raises ModelError for an unusable folder."""
    model = run.model_versions.first() or model_register(folder=folder, by=run.created_by, training_run=run)
    model_index_request(model=model, by=run.created_by)
    return model


def model_index_request(*, model: ModelVersion, by: User | None = None) -> IndexBuild:
    """Asks for the index of today's catalogue by a trained model; its release and gate follow, as after the training.

    Raises ReleaseConflictError for a model that no run trained.
    """
    if model.training_run is None:
        raise ReleaseConflictError("model", f"{model} was trained elsewhere; release_build makes its index")
    build = index_build_request(model=model, by=by)
    index_build_wake(build, then_release=True)
    return build


def runs_follow() -> list[Release]:
    """Makes a release of every index that is ready for a trained model, and asks for its gate; the new ones."""
    ready = IndexBuild.objects.filter(
        status=IndexBuild.Status.READY, model__training_run__isnull=False, release__isnull=True
    )
    made = []
    for build in ready.select_related("model__training_run__created_by").order_by("pk")[:_AT_ONCE]:
        run = build.model.training_run
        assert run is not None
        with transaction.atomic():
            note = f"run {run.pk}: {run.note}" if run.note else f"run {run.pk}"
            release = release_create(index_build=build, by=run.created_by, note=note[:200])
            gate_request(release=release, run=run)
        log.info("run_released", run=run.pk, release=release.pk)
        made.append(release)
    return made

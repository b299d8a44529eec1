"""Start and end an experiment."""

from __future__ import annotations

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models.signals import post_save
from django.utils import timezone
from rest_framework import exceptions

from ml.retrieval.index import FILES, MANIFEST, OPTIONAL
from ml.serving.manifest import ModelManifest
from webapp.accounts.models import User
from webapp.clicks.models import Experiment
from webapp.clicks.recording.policy import recording
from webapp.http.problems import ConflictError
from webapp.registry.models import Release, ReleaseEvent
from webapp.registry.releases.selectors import live_release
from webapp.stores import artifacts

MB = 1_000_000


def experiment_start(*, release: Release, percent: int, by: User | None = None) -> Experiment:
    """Let `percent` of the visits compare `release` with the live one, from the next seconds on.

    Raises ConflictError if an experiment is running or nothing is live, ValidationError naming what else is in the way:
    clicks are not recorded, the release is live, its index is deleted, or it needs too much memory.
    """
    if recording()["mode"] == "off":
        raise exceptions.ValidationError(
            {"record_clicks": "clicks decide; set SKETCHFIND_RECORD_CLICKS to ask or on"}
        )
    live = live_release()
    if live is None:
        raise ConflictError("No release is live to compare with.")
    if live == release:
        raise exceptions.ValidationError({"release": f"{release.pk} is live; choose another"})
    if not artifacts.exists(release.index_build.folder, MANIFEST):
        raise exceptions.ValidationError(
            {"release": f"{release.pk}: its index has been deleted; build it again"}
        )
    needed, allowed = release_bytes(release, live) / MB, settings.EXPERIMENT_MAX_MB
    if needed > allowed:
        raise exceptions.ValidationError(
            {
                "release": f"needs {needed:.0f} MB in each web process, "
                f"SKETCHFIND_EXPERIMENT_MAX_MB allows {allowed}"
            }
        )
    try:
        with transaction.atomic():
            return Experiment.objects.create(release=release, against=live, percent=percent, started_by=by)
    except IntegrityError:
        raise ConflictError("An experiment is running; end it first.") from None


def experiment_end(*, experiment: Experiment, reason: str = "") -> None:
    """End an experiment; the second time changes nothing. Visitors get the live release's answers within seconds."""
    Experiment.objects.filter(pk=experiment.pk, running=True).update(
        running=None, ended_at=timezone.now(), end_reason=reason
    )


def release_bytes(release: Release, live: Release) -> int:
    """Return what a second release adds to a process's memory: its index's files, and its encoder's if it differs."""
    store, build = artifacts.storage(), release.index_build
    found = [f"{build.folder}/{name}" for name in (*FILES, *OPTIONAL)]
    if build.model_id != live.index_build.model_id:
        manifest = ModelManifest.parse(build.model.manifest)
        found.append(f"{build.model.folder}/{manifest.onnx_file(manifest.precision)}")
    return sum(store.size(name) for name in found if store.exists(name))


def follow_releases() -> None:
    """End an experiment when its question is moot: another model goes live. A new index of the same model does not."""
    post_save.connect(_release_moved, sender=ReleaseEvent, dispatch_uid="clicks-experiments")


def _release_moved(instance: ReleaseEvent, created: bool, **signal: object) -> None:
    if not created:
        return
    running = Experiment.objects.filter(running=True).select_related("against__index_build").first()
    if running and running.against.index_build.model_id != instance.release.index_build.model_id:
        experiment_end(experiment=running, reason=f"release {instance.release_id} went live")

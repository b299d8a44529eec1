"""From a model folder or a changed catalogue to a live release, in one go."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import sleep

import structlog
from django.utils import timezone

from webapp.accounts.models import User
from webapp.catalog.models import CatalogImport
from webapp.registry.index_builds import Progress, index_build, index_build_request
from webapp.registry.index_prune import indexes_prune
from webapp.registry.models import IndexBuild, LivePointer, ModelVersion, Release
from webapp.registry.selectors import gallery_photos, live_release
from webapp.registry.services import (
    ReleaseConflictError,
    model_register,
    release_create,
    release_promote,
    release_refresh,
)

log = structlog.get_logger(__name__)
_WAIT_S = 0.5


def release_build(
    *,
    folder: Path,
    by: User | None = None,
    reason: str = "",
    progress: Progress = lambda done, total: None,
    wait: Callable[[float], None] = sleep,
) -> tuple[Release, bool]:
    """Registers the model of `folder`, builds its index of today's catalogue and promotes the two.

    The release that is live afterwards, and whether anything changed. Raises ModelError for an unusable
    folder, and what made the index fail.
    """
    model = model_register(folder=folder, by=by)
    return _release_of(model, by=by, reason=reason, progress=progress, wait=wait)


def release_follow_catalogue() -> Release | None:
    """Promotes the live model with a fresh index, where the catalogue changed since its index was built.

    None where nothing changed, nothing is live, or an import is still changing the catalogue.
    """
    live = live_release()
    busy = CatalogImport.objects.filter(status=CatalogImport.Status.RUNNING).exists()
    if live is None or busy:
        return None
    release, changed = _release_of(live.model, reason="the catalogue changed")
    if changed:
        indexes_prune(now=timezone.now())
    return release if changed else None


def _release_of(
    model: ModelVersion,
    *,
    by: User | None = None,
    reason: str = "",
    progress: Progress = lambda done, total: None,
    wait: Callable[[float], None] = sleep,
) -> tuple[Release, bool]:
    number = LivePointer.objects.filter(pk=1).values_list("number", flat=True).first() or 0
    photos = list(gallery_photos())
    build = index_build_request(model=model, by=by, photos=photos)
    while build.status in (IndexBuild.Status.QUEUED, IndexBuild.Status.RUNNING):
        if not index_build(
            build=build, progress=progress, photos=photos
        ):  # another worker has it: show how far it is
            wait(_WAIT_S)
        build.refresh_from_db()
        progress(build.n_done, build.n_total)
    release = release_create(index_build=build, by=by)
    live = live_release()
    if live == release:
        return release, False
    move = release_refresh if live and live.model == model else release_promote
    try:
        move(release=release, by=by, reason=reason, expected_number=number)
    except ReleaseConflictError:
        if live_release() != release:  # else another process did the same
            raise
    return release, True

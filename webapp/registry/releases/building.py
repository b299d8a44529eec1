"""Make a model folder, or a changed catalogue, a live release in one step."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from time import sleep

import structlog
from django.utils import timezone

from webapp.accounts.models import User
from webapp.catalog.models import CatalogImport
from webapp.catalog.remote.waiting import pictures_running
from webapp.registry.indexes.builds import Progress, index_build, index_build_request, index_retry_at
from webapp.registry.indexes.catalogue import gallery_photos
from webapp.registry.indexes.prune import indexes_prune
from webapp.registry.models import IndexBuild, LivePointer, ModelVersion, Release
from webapp.registry.releases.selectors import live_release
from webapp.registry.releases.services import (
    ReleaseConflictError,
    model_register,
    release_create,
    release_promote,
    release_refresh,
)

log = structlog.get_logger(__name__)
_WAIT_S = 0.5
_EVERY = timedelta(minutes=5)  # while pictures are being fetched


def release_build(
    *,
    folder: Path,
    by: User | None = None,
    reason: str = "",
    progress: Progress = lambda done, total: None,
    wait: Callable[[float], None] = sleep,
) -> tuple[Release, bool]:
    """Register the model in `folder`, build its index of today's catalogue and promote both.

    Returns the release that is live afterwards, and whether anything has changed. Raises ModelError for an unusable
    folder, and the error that made the index build fail.
    """
    model = model_register(folder=folder, by=by)
    return _release_of(model, by=by, reason=reason, progress=progress, wait=wait)


def release_follow_catalogue() -> Release | None:
    """Promote the live model with a fresh index if the catalogue has changed since its index was built.

    Returns None if nothing has changed, nothing is live, an import is still running, another worker has the index, or
    its build has just failed; the next call continues.
    """
    number = _moves()  # read before the live release, so that a later move of the pointer is not overridden
    live = live_release()
    busy = CatalogImport.objects.filter(status=CatalogImport.Status.RUNNING).exists()
    if live is None or busy or (_is_recent(live) and pictures_running()):
        return None
    photos = list(gallery_photos())
    retry_at = index_retry_at(model=live.model, photos=photos)
    if retry_at and timezone.now() < retry_at:
        return None
    build = index_build_request(model=live.model, photos=photos)
    if build.status != IndexBuild.Status.READY and not index_build(build=build, photos=photos):
        return None
    build.refresh_from_db()
    release, changed = _promote(build, number, reason="the catalogue changed")
    if changed:
        indexes_prune(now=timezone.now())
    return release if changed else None


def _release_of(
    model: ModelVersion,
    *,
    by: User | None,
    reason: str,
    progress: Progress,
    wait: Callable[[float], None],
) -> tuple[Release, bool]:
    number = _moves()
    photos = list(gallery_photos())
    build = index_build_request(model=model, by=by, photos=photos)
    while build.status in (IndexBuild.Status.QUEUED, IndexBuild.Status.RUNNING):
        if not index_build(
            build=build, progress=progress, photos=photos
        ):  # another worker has it; show its progress
            wait(_WAIT_S)
        build.refresh_from_db()
        progress(build.n_done, build.n_total)
    return _promote(build, number, by=by, reason=reason)


def _is_recent(live: Release) -> bool:
    """Return whether an index is new enough to wait for more pictures: each build reads the whole catalogue."""
    return live.created_at > timezone.now() - _EVERY


def _moves() -> int:
    """Return the number of moves of the pointer so far."""
    return LivePointer.objects.filter(pk=1).values_list("number", flat=True).first() or 0


def _promote(build: IndexBuild, number: int, *, by: User | None = None, reason: str) -> tuple[Release, bool]:
    """Return the live release of that index, and whether this call promoted it. `number`: the expected moves so far."""
    model = build.model
    release = release_create(index_build=build, by=by)
    live = live_release()
    if live == release:
        return release, False
    move = release_refresh if live and live.model == model else release_promote
    try:
        move(release=release, by=by, reason=reason, expected_number=number)
    except ReleaseConflictError:
        if live_release() != release:  # otherwise another process did the same
            raise
    return release, True

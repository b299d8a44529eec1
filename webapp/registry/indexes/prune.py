"""Delete old indexes: every change of the catalogue makes a new one, and those in between are never needed again."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.db.models import F

from ml.retrieval.index import FILES, MANIFEST, OPTIONAL
from webapp.registry.indexes.hash_codes import hash_codes_drop
from webapp.registry.models import IndexBuild, LivePointer, ReleaseEvent
from webapp.stores import artifacts

log = structlog.get_logger(__name__)

KEPT_FOR = timedelta(hours=1)  # after its replacement, since replicas may still open it


def indexes_prune(*, now: datetime) -> list[int]:
    """Delete the files of indexes that a newer one of the same model has replaced. Return their builds' ids.

    Rows stay. The live index, those that a rollback may return to, and those replaced by another model are kept.
    """
    refreshed = ReleaseEvent.objects.filter(
        kind=ReleaseEvent.Kind.PROMOTE,
        at__lt=now - KEPT_FOR,
        replaced__index_build__model=F("release__index_build__model"),
    )
    old = IndexBuild.objects.filter(release__in=refreshed.values("replaced")).exclude(
        release__in=_reachable()
    )
    pruned = [build for build in old.distinct() if artifacts.exists(build.folder, MANIFEST)]
    for build in pruned:
        artifacts.remove(build.folder, [*FILES, *OPTIONAL], last=MANIFEST)
        hash_codes_drop(build.sha256)
        log.info("index_pruned", build=build.pk)
    return [build.pk for build in pruned]


def _reachable() -> set[int]:
    """Return the live release and all releases that successive rollbacks lead to."""
    pointer = LivePointer.objects.select_related("promotion").filter(pk=1).first()
    if pointer is None:
        return set()
    found = {pointer.release_id} if pointer.release_id else set()
    undoes = dict(ReleaseEvent.objects.values_list("pk", "undoes_to"))
    releases = dict(ReleaseEvent.objects.values_list("pk", "release"))
    event = pointer.promotion_id
    while event:
        found.add(releases[event])
        event = undoes[event]
    return found

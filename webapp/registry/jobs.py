"""Jobs of the registry's indexes. They run on queue `index`, which whoever asks for one names."""

from __future__ import annotations

from celery import Signature, shared_task
from django.core.cache import cache
from django.db import transaction

from webapp.registry.index_builds import index_build, index_builds_unattended
from webapp.registry.models import IndexBuild
from webapp.registry.releases import release_follow_catalogue


@shared_task  # type: ignore[untyped-decorator]
def index_build_job(build_id: int) -> None:
    """Runs one index build; harmless where another worker has it or it is done."""
    index_build(build=IndexBuild.objects.get(pk=build_id))


@shared_task  # type: ignore[untyped-decorator]
def index_builds_reap_job() -> None:
    """Wakes a worker for every build that has none, though it should."""
    for build_id in index_builds_unattended():
        index_build_job.apply_async([build_id], queue="index")


@shared_task  # type: ignore[untyped-decorator]
def release_follow_catalogue_job() -> None:
    """Brings the live release up to date after the catalogue changed."""
    release_follow_catalogue()


def index_build_wake(build: IndexBuild, *, then: Signature | None = None) -> None:
    """Asks a worker to run the build, once its row can be seen, and `then` that job; if the broker is down, beat does."""
    wake = index_build_job.si(build.pk).set(queue="index")
    if then is not None:
        wake.link(then)
    transaction.on_commit(wake.apply_async, robust=True)


def release_follow_wake(**_: object) -> None:
    """Asks a worker to follow the catalogue in a moment; many changes in that moment are one request.

    A change that finds a request waiting is seen by it: the mark is gone before the request is due.
    """
    if cache.add("registry:follow-catalogue", 1, timeout=1):
        release_follow_catalogue_job.apply_async(queue="index", countdown=1.5)

"""Jobs of the registry. They run on queue `index`: `index_build_wake` and beat's entry name it."""

from __future__ import annotations

from celery import shared_task
from django.db import transaction

from webapp.registry.index_builds import index_build
from webapp.registry.models import IndexBuild
from webapp.registry.releases import release_follow_catalogue


@shared_task  # type: ignore[untyped-decorator]
def index_build_job(build_id: int) -> None:
    """Runs one index build; harmless where another worker has it or it is done."""
    index_build(build=IndexBuild.objects.get(pk=build_id))


@shared_task  # type: ignore[untyped-decorator]
def release_follow_catalogue_job() -> None:
    """Brings the live release up to date after the catalogue changed; beat asks for it."""
    release_follow_catalogue()


def index_build_wake(build: IndexBuild) -> None:
    """Asks a worker to run the build, once its row can be seen."""
    transaction.on_commit(lambda: index_build_job.apply_async([build.pk], queue="index"))

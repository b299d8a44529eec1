"""Jobs of the index builds, on queue `index`."""

from __future__ import annotations

from celery import shared_task

from webapp.registry.indexes.builds import index_build, index_builds_unattended
from webapp.registry.indexes.encoding import index_help
from webapp.registry.models import IndexBuild


@shared_task  # type: ignore[untyped-decorator]
def index_build_job(build_id: int) -> None:
    """Run one index build; harmless if another worker has it or it is done."""
    index_build(build=IndexBuild.objects.get(pk=build_id))


@shared_task  # type: ignore[untyped-decorator]
def index_help_job(build_id: int) -> None:
    """Encode parts of a build that another worker runs; harmless if it has ended."""
    if build := IndexBuild.objects.filter(pk=build_id).first():
        index_help(build=build)


@shared_task  # type: ignore[untyped-decorator]
def index_builds_reap_job() -> None:
    """Wake a worker for every build that should have one but has none."""
    for build_id in index_builds_unattended():
        index_build_job.apply_async([build_id], queue="index")

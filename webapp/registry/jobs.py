"""Jobs of the registry."""

from __future__ import annotations

import structlog
from celery import shared_task

from webapp.registry.index_builds import index_build
from webapp.registry.models import IndexBuild
from webapp.registry.releases import release_follow_catalogue

log = structlog.get_logger(__name__)


@shared_task(queue="index")  # type: ignore[untyped-decorator]
def index_build_job(build_id: int) -> None:
    """Runs one index build; harmless where another worker has it or it is done."""
    index_build(build=IndexBuild.objects.get(pk=build_id))


@shared_task(queue="index")  # type: ignore[untyped-decorator]
def release_follow_catalogue_job() -> None:
    """Brings the live release up to date after the catalogue changed; beat asks every minute."""
    release_follow_catalogue()

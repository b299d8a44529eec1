"""Jobs of the releases, on queue `index`."""

from __future__ import annotations

from celery import shared_task

from webapp.registry.releases.building import release_follow_catalogue


@shared_task  # type: ignore[untyped-decorator]
def release_follow_catalogue_job() -> None:
    """Refresh the live release after the catalogue has changed."""
    release_follow_catalogue()

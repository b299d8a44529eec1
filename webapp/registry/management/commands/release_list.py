"""`manage.py release_list`: list releases, newest first."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from webapp.registry.models import Release
from webapp.registry.releases.selectors import live_release


class Command(BaseCommand):
    help = "List releases, newest first; * marks the live one."

    def handle(self, *args: Any, **options: Any) -> None:
        live = live_release()
        for release in Release.objects.select_related("index_build__model"):
            mark = "*" if release == live else " "
            when = f"{release.created_at:%Y-%m-%d %H:%M}"
            self.stdout.write(
                f"{mark} {release.pk:>5}  {when}  {release.model}  {release.index_build.n_photos} photos  {release.note}"
            )

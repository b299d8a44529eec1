"""`manage.py release_promote ID`: make a release live."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from webapp.registry.models import Release
from webapp.registry.releases.services import ReleaseConflictError, release_promote


class Command(BaseCommand):
    help = "Make a release live; `release_list` lists them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("release", type=int)
        parser.add_argument("--reason", default="", help="kept in the audit trail")

    def handle(self, *args: Any, **options: Any) -> None:
        release = Release.objects.filter(pk=options["release"]).first()
        if release is None:
            raise CommandError(f"release: release {options['release']} does not exist; see `release_list`")
        try:
            release_promote(release=release, reason=options["reason"])
        except ReleaseConflictError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"release {release} is live")

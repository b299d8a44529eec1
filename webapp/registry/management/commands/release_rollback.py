"""`manage.py release_rollback`: return to the previous release."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from webapp.registry.releases.services import ReleaseConflictError, release_rollback


class Command(BaseCommand):
    help = "Make the release live again that the live one replaced."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--reason", default="", help="kept in the audit trail")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            move = release_rollback(reason=options["reason"])
        except ReleaseConflictError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"release {move.release} is live")

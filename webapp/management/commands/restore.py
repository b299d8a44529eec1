"""`manage.py restore --from FILE`: restore a backup."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from webapp.backup.archive import ArchiveError
from webapp.backup.services import backup_check, backup_restore


class Command(BaseCommand):
    help = "Verify an archive written by `backup` and restore it. Stop web, workers and beat first."
    requires_system_checks = ()  # the database may not exist yet

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", type=Path, required=True, dest="path", help="the archive")
        parser.add_argument("--force", action="store_true", help="replace the existing site")
        parser.add_argument("--check", action="store_true", help="only verify the archive")

    def handle(self, *args: Any, path: Path, force: bool, check: bool, **options: Any) -> None:
        try:
            if check:
                self.stdout.write(f"complete, made at {backup_check(path=path).get('made_at')}")
                return
            backup_restore(path=path, force=force, say=self.stdout.write)
        except ArchiveError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{error.filename or path}: {error.strerror or error}") from error

"""`manage.py backup --to FILE_OR_FOLDER`: back up the site."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from webapp.backup.archive import ArchiveError
from webapp.backup.services import backup_write


class Command(BaseCommand):
    help = (
        "Write database, pictures and the registry's folders into one archive, while the site keeps running."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--to", type=Path, required=True, help="file, or a folder in which to name it by date"
        )

    def handle(self, *args: Any, to: Path, **options: Any) -> None:
        try:
            made = backup_write(to=to, now=timezone.now())
        except ArchiveError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{error.filename or to}: {error.strerror or error}") from error
        self.stdout.write(f"{made.path}: {made.n_files} files, {made.n_bytes / 1e6:.1f} MB")

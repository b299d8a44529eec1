"""manage.py dataset_register --format F --root DIR [--name N]: register a dataset's folder for training."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ml.errors import SketchfindError
from webapp.registry.datasets import dataset_register


class Command(BaseCommand):
    help = "Check a dataset's folder, copy it into the registry and print its id. The same files give the same id."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--format", required=True, help="layout, as in `python -m ml datasets check`")
        parser.add_argument("--root", type=Path, required=True, help="its folder")
        parser.add_argument(
            "--name", default="", help="display name for operators (default: the folder's name)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            snapshot = dataset_register(format=options["format"], root=options["root"], name=options["name"])
        except SketchfindError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"dataset {snapshot.pk}: {snapshot} ({snapshot.sha256[:12]})")

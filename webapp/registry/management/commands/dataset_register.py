"""manage.py dataset_register --format F --root DIR [--name N]: a dataset's folder becomes one to train on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ml.errors import SketchfindError
from webapp.registry.datasets import dataset_register


class Command(BaseCommand):
    help = "Checks a dataset's folder, copies it into the registry and says its id. The same files give the same id."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--format", required=True, help="layout, as `python -m ml datasets check` knows it"
        )
        parser.add_argument("--root", type=Path, required=True, help="its folder")
        parser.add_argument("--name", default="", help="how operators see it; the folder's name unless given")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            snapshot = dataset_register(format=options["format"], root=options["root"], name=options["name"])
        except SketchfindError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"dataset {snapshot.pk}: {snapshot} ({snapshot.sha256[:12]})")

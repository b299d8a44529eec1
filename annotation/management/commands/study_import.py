"""`manage.py study_import SET FILE --what sketches|photos`: add a zip of own material to a study set."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.files.base import File
from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotation.models import MaterialImport, StudySet
from annotation.serializers.material import MaterialImportSerializer
from annotation.services.material.imports import material_import_create, material_import_run
from annotation.services.material.sets import study_set_create


class Command(BaseCommand):
    help = "Add a zip of own sketches or private photos to a study set, which is created if there is none."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("study_set", metavar="SET", help="the set's name")
        parser.add_argument("file", type=Path, metavar="FILE", help="a zip with a manifest")
        parser.add_argument("--what", choices=MaterialImport.What.values, required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        name, path = options["study_set"], options["file"]
        study_set = StudySet.objects.filter(name=name).first() or study_set_create(name=name, by=None)
        try:
            with path.open("rb") as stream:
                row = material_import_create(
                    study_set=study_set, what=options["what"], file=File(stream, path.name), by=None
                )
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from error
        material_import_run(import_id=row.pk)
        row.refresh_from_db()
        for found in MaterialImportSerializer(row).data["findings"]:
            place = f"row {found['row']} {found['own_id']} {found['file']}".strip()
            self.stderr.write(f"{place}: {found['field']}: {found['message']}")
        if row.status != MaterialImport.Status.DONE:
            raise CommandError(f"nothing was imported: {row.n_refused} rows refused")
        self.stdout.write(f"{row.n_rows} {row.what} added to {study_set.name}")

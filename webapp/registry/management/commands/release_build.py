"""`manage.py release_build`: make a model folder and today's catalogue the live release."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ml.errors import SketchfindError
from webapp.registry.releases.building import release_build


class Command(BaseCommand):
    help = "Register a model, index the catalogue with it and make both live. Does nothing if nothing has changed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--model", type=Path, default=settings.BASE_DIR / "ml" / "zoo" / "sketchfind")
        parser.add_argument("--reason", default="release_build", help="kept in the audit trail")

    def handle(self, *args: Any, **options: Any) -> None:
        columns = (TextColumn("indexing photos"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        try:
            with Progress(*columns, transient=True) as bar:
                task = bar.add_task("", total=None, visible=False)

                def show(done: int, total: int) -> None:
                    bar.update(task, completed=done, total=total, visible=True)

                release, changed = release_build(
                    folder=options["model"], reason=options["reason"], progress=show
                )
        except SketchfindError as error:
            raise CommandError(str(error)) from error
        state = "is live" if changed else "was already live"
        self.stdout.write(
            f"release {release.pk} ({release.model}, {release.index_build.n_photos} photos) {state}"
        )

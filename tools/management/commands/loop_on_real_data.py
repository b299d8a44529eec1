"""`manage.py loop_on_real_data --root FOLDER`: from real votes on Shoe-V1 or Chair-V1 to a better release."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from ml.command import portable
from ml.errors import SketchfindError
from ml.hardware import processor
from tools.real_data_loop import loop_run, loop_table


class Command(BaseCommand):
    help = (
        "Import a category of QMUL V1, cast its real votes through the API, retrain the shipped model's head on the "
        "snapshot, gate and promote it, and measure the benefit of pairs and votes on the official test. Needs "
        "its own SKETCHFIND_DATA_DIR and database. The data and models trained on them are for research only."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--root", type=Path, required=True, help="folder of a category, or PACK.zip/folder/in/it"
        )
        parser.add_argument(
            "--result", type=Path, help="write the figures as JSON, and their table beside it as Markdown"
        )
        parser.add_argument("--sketches", type=int, help="use only the first N sketches")
        parser.add_argument("--seeds", type=int, default=1, help="number of trainings of each kind")
        parser.add_argument(
            "--set", action="append", default=[], metavar="key=value", help="a setting of every training"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0)
        try:
            result = loop_run(
                root=options["root"],
                config=dict(_setting(text) for text in options["set"]),
                n_sketches=options["sketches"],
                seeds=options["seeds"],
                say=self.stdout.write,
            )
        except (SketchfindError, OSError) as error:
            raise CommandError(str(error)) from error
        table = loop_table(result)
        self.stdout.write(table)
        if options["result"] is None:
            return
        command = portable(f"python manage.py loop_on_real_data --root {options['root']}")
        more = "".join(f" --set {text}" for text in options["set"])
        result |= {
            "command": f"{command} --seeds {options['seeds']}{more}",
            "date": f"{datetime.now(UTC):%Y-%m-%d}",
            "processor": processor().as_json(),
        }
        options["result"].parent.mkdir(parents=True, exist_ok=True)
        options["result"].write_text(json.dumps(result, indent=1) + "\n")
        options["result"].with_suffix(".md").write_text(
            f"# The loop on real data: {result['dataset']}\n\n"
            f"{result['votes']['n']} real votes through the API; official test, percent; after each value its "
            "difference to the release before with the paired 95 % interval.\n\n"
            f"{table}\n`{result['command']}`, {result['date']}\n"
        )


def _setting(text: str) -> tuple[str, Any]:
    key, separator, value = text.partition("=")
    if not separator:
        raise CommandError(f"--set {text}: expected key=value")
    try:
        return key, json.loads(value)
    except ValueError:
        return key, value

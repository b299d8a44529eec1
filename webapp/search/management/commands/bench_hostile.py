"""`manage.py bench_hostile`: how long an honest visitor waits alone, and beside one misbehaving client."""

from __future__ import annotations

import json
import tempfile
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from rich.console import Console
from rich.progress import track
from rich.table import Table

from webapp.search.hostile.measure import alone, beside
from webapp.search.hostile.rows import ROWS
from webapp.search.hostile.site import site_started

ALONE = "alone"
_FIGURES = (
    "p50_ms",
    "p95_ms",
    "ratio",
    "failures",
    "live_p50_ms",
    "live_p95_ms",
    "live_ratio",
    "live_failures",
)


class Command(BaseCommand):
    help = (
        "Serves the demo's catalogue and measures an honest visitor beside each kind of misbehaving client."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("rows", nargs="*", help=f"of {', '.join(ROWS)}; all where none is named")
        parser.add_argument("--seconds", type=float, default=5.0, help="measured per row")
        parser.add_argument("--folder", type=Path, help="keeps the demo's data; a temporary one otherwise")
        parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")

    def handle(self, *args: Any, **options: Any) -> None:
        names: list[str] = options["rows"] or list(ROWS)
        if unknown := set(names) - set(ROWS):
            raise SystemExit(f"unknown rows: {', '.join(sorted(unknown))}; there are {', '.join(ROWS)}")
        folder = nullcontext(options["folder"]) if options["folder"] else tempfile.TemporaryDirectory()
        with folder as path, site_started(Path(path).resolve()) as site:
            found = {ALONE: alone(site, options["seconds"])}
            shown = track(names, "Rows", console=Console(stderr=True), disable=options["json"])
            for number, name in enumerate(shown, start=1):
                found[name] = beside(site, name, number, options["seconds"], found[ALONE])
        if options["json"]:
            self.stdout.write(json.dumps(found))
        else:
            Console().print(_table(found))


def _table(found: dict[str, dict[str, Any]]) -> Table:
    table = Table(title="An honest visitor, alone and beside one misbehaving client")
    for title in ("row", *_FIGURES, "memory_mb"):
        is_name = title == "row"
        table.add_column(title.replace("_", " "), justify="left" if is_name else "right", no_wrap=is_name)
    for name, row in found.items():
        shown = {key: len(value) if isinstance(value, list) else value for key, value in row.items()}
        table.add_row(name, *(str(shown.get(figure, "")) for figure in (*_FIGURES, "memory_mb")))
    return table

"""`manage.py bench_hostile`: measure an honest visitor's waits, alone and beside a misbehaving client."""

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

from ml.hardware import processor
from tools.hostile.measure import beside
from tools.hostile.rows import ROWS
from tools.hostile.site import running_site

_FIGURES = {
    "alone_p50_ms": "alone p50",
    "p50_ms": "p50",
    "p95_ms": "p95",
    "ratio": "ratio",
    "failures": "failures",
    "alone_live_p50_ms": "live alone p50",
    "live_p50_ms": "live p50",
    "live_p95_ms": "live p95",
    "live_ratio": "live ratio",
    "live_failures": "live failures",
    "memory_mb": "memory MB",
}


class Command(BaseCommand):
    help = "Serve the demo's catalogue and measure an honest visitor beside each kind of misbehaving client."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("rows", nargs="*", help=f"of {', '.join(ROWS)}(default: all)")
        parser.add_argument("--seconds", type=float, default=5.0, help="measured per row")
        parser.add_argument(
            "--folder", type=Path, help="keep the demo's data here (default: a temporary folder)"
        )
        parser.add_argument("--json", action="store_true", help="print a JSON object instead of a table")

    def handle(self, *args: Any, **options: Any) -> None:
        names: list[str] = options["rows"] or list(ROWS)
        if unknown := set(names) - set(ROWS):
            raise SystemExit(f"unknown rows: {', '.join(sorted(unknown))}; there are {', '.join(ROWS)}")
        folder = nullcontext(options["folder"]) if options["folder"] else tempfile.TemporaryDirectory()
        with folder as path, running_site(Path(path).resolve()) as site:
            found: dict[str, dict[str, Any]] = {}
            shown = track(names, "Rows", console=Console(stderr=True), disable=options["json"])
            for number, name in enumerate(shown, start=1):
                found[name] = beside(site, name, number, options["seconds"])
        if options["json"]:
            self.stdout.write(json.dumps({"processor": processor().as_json(), "rows": found}))
        else:
            self.stdout.write(str(processor()))
            Console().print(_table(found))


def _table(found: dict[str, dict[str, Any]]) -> Table:
    table = Table("row", title="An honest visitor beside one misbehaving client, milliseconds")
    for title in _FIGURES.values():
        table.add_column(title, justify="right")
    for name, row in found.items():
        figures = (row[figure] for figure in _FIGURES)
        table.add_row(name, *(str(len(one) if isinstance(one, list) else one) for one in figures))
    return table

"""`manage.py bench_pairs --root FOLDER`: what choosing pairs saves, on the real votes of Shoe-V1 or Chair-V1."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotation.services.tasks.qmul_v1 import qmul_v1_annotation
from ml.command import portable
from ml.errors import SketchfindError
from tools.bench.pairs import compare, recorded


class Command(BaseCommand):
    help = (
        "Replay the real triplet votes of a category of QMUL V1 with all, random and adaptively chosen pairs, and "
        "compare the order of each sketch's candidates with the one by all votes, and with votes that were kept back."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--root", type=Path, required=True, help="folder of a category, or PACK.zip/folder/in/it"
        )
        parser.add_argument("--sketches", type=int, help="use only the first N sketches")
        parser.add_argument("--seeds", type=int, default=5, help="number of replays")
        parser.add_argument(
            "--result", type=Path, help="write the figures as JSON, and their table beside it as Markdown"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            annotation = qmul_v1_annotation(options["root"], "train")
        except (SketchfindError, OSError) as error:
            raise CommandError(str(error)) from error
        result = compare(recorded(annotation)[: options["sketches"]], seeds=options["seeds"])
        table = _table(result)
        self.stdout.write(table)
        if options["result"] is None:
            return
        command = portable(
            f"python manage.py bench_pairs --root {options['root']} --seeds {options['seeds']}"
        )
        result |= {
            "dataset": f"qmul-v1, {annotation.category}",
            "command": command,
            "date": f"{datetime.now(UTC):%Y-%m-%d}",
        }
        options["result"].parent.mkdir(parents=True, exist_ok=True)
        options["result"].write_text(json.dumps(result, indent=1) + "\n")
        options["result"].with_suffix(".md").write_text(f"{table}\n`{command}`, {result['date']}\n")


def _table(result: dict[str, Any]) -> str:
    lines = [
        "| pairs | asked per sketch | votes per sketch | fewer than all | tau with the order by all 135 votes "
        "| difference to all | inferred wrong, % (stated) |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in result["rank"]:
        inferred = ""
        if "inferred_wrong" in row:
            inferred = f"{100 * row['inferred_wrong']:.1f} ({100 * row['inferred_risk']:.1f})"
        lines.append(
            f"| {_name(row)} | {row['pairs']:.0f} | {row['votes']:.1f} | {row['saved']:.0%} | {row['score']:.3f} "
            f"| {_gap(row, 1, 3)} | {inferred} |"
        )
    lines += [
        "",
        "| pairs, one vote of each hidden | votes per sketch | fewer than all | hidden votes predicted, % "
        "| difference to all, points |",
        "|---|---|---|---|---|",
    ]
    for row in result["held out"]:
        lines.append(
            f"| {_name(row)} | {row['votes']:.1f} | {row['saved']:.0%} | {100 * row['score']:.1f} | {_gap(row, 100, 1)} |"
        )
    return "\n".join(lines) + "\n"


def _name(row: dict[str, Any]) -> str:
    if row["strategy"] == "adaptive":
        return f"adaptive, risk {row['setting']:.0%}"
    return "all" if row["setting"] is None else f"random, {row['setting']}"


def _gap(row: dict[str, Any], scale: float, digits: int) -> str:
    if row["strategy"] == "all":
        return ""
    margin = "" if row["ci95"] is None else f" ± {scale * row['ci95']:.{digits}f}"
    return f"{scale * row['difference']:+.{digits}f}{margin}"

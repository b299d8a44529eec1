"""What a run leaves in its folder for people, for its own resumption and for who watches it.

settings.json   the settings it began with
plan.json       how many steps the loop of that folder takes, its title, and the precision that it computes in, with why
metrics.jsonl   a row a step
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ml.errors import ConfigError
from ml.training.checkpoint import write_atomically
from ml.training.distributed import is_main
from ml.training.precision import Chosen
from ml.training.renamed import current_names

METRICS, PLAN, SETTINGS = "metrics.jsonl", "plan.json", "settings.json"
_OF_THE_MACHINE = frozenset(
    {"precision"}
)  # what a resumed run may change: its weights are float32 either way


def write_plan(folder: Path, *, title: str, steps: int, used: Chosen) -> None:
    """Say how far the loop of a folder means to go, and in which precision."""
    plan = {"title": title, "steps": steps, "precision": used.precision, "precision_why": used.why}
    write_atomically(folder / PLAN, json.dumps(plan).encode())


def append_row(folder: Path, row: Mapping[str, Any]) -> None:
    """Add one JSON line to the run's metrics."""
    with (folder / METRICS).open("a") as file:
        file.write(json.dumps(row) + "\n")


def read_rows(folder: Path) -> list[dict[str, Any]]:
    """The rows logged so far; a last line that a kill cut short is left out."""
    path = folder / METRICS
    rows = []
    for line in path.read_text().splitlines() if path.exists() else []:
        try:
            rows.append(json.loads(line))
        except ValueError:
            break
    return rows


def drop_rows(folder: Path, *, since: int) -> None:
    """Drop the rows of step `since` and later: the resumed run writes them again."""
    if (folder / METRICS).exists():
        kept = [json.dumps(row) + "\n" for row in read_rows(folder) if row["step"] < since]
        write_atomically(folder / METRICS, "".join(kept).encode())


def claim_folder(folder: Path, settings: Mapping[str, Any]) -> None:
    """Record the settings that a run begins with, and refuse to resume it with others.

    The precision may differ: a run begun in bf16 can be resumed on a processor that has none.
    Raises ConfigError naming the setting that differs. `settings` is JSON-able, such as `as_json(config)`.
    """
    wanted = json.loads(json.dumps(settings))
    path = folder / SETTINGS
    if not path.exists():
        if is_main():
            write_atomically(path, (json.dumps(wanted, indent=2) + "\n").encode())
        return
    started = current_names(json.loads(path.read_text()))
    for key in sorted((wanted.keys() | started.keys()) - _OF_THE_MACHINE):
        if wanted.get(key) != started.get(key):
            raise ConfigError(
                "--out",
                f"{folder} was started with {key}={started.get(key)}, not {wanted.get(key)}; use another folder",
            )

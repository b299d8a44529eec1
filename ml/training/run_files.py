"""The files of a run's folder, for people, for resuming and for monitoring.

settings.json   the settings that it was started with
plan.json       title and number of steps of the loop, and the precision with the reason for it
metrics.jsonl   one row per step
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
# Settings that may differ when a run is resumed: weights are float32 in either precision.
_OF_THE_MACHINE = frozenset({"precision"})


def write_plan(folder: Path, *, title: str, steps: int, used: Chosen) -> None:
    """Record the number of steps of the loop of a folder, and its precision."""
    plan = {"title": title, "steps": steps, "precision": used.precision, "precision_why": used.why}
    write_atomically(folder / PLAN, json.dumps(plan).encode())


def append_row(folder: Path, row: Mapping[str, Any]) -> None:
    """Add one JSON line to the run's metrics."""
    with (folder / METRICS).open("a") as file:
        file.write(json.dumps(row) + "\n")


def read_rows(folder: Path) -> list[dict[str, Any]]:
    """Return the rows logged so far; a partial last line after a kill is left out."""
    path = folder / METRICS
    rows = []
    for line in path.read_text().splitlines() if path.exists() else []:
        try:
            rows.append(json.loads(line))
        except ValueError:
            break
    return rows


def drop_rows(folder: Path, *, since: int) -> None:
    """Drop the rows of step `since` and later, which the resumed run writes again."""
    if (folder / METRICS).exists():
        kept = [json.dumps(row) + "\n" for row in read_rows(folder) if row["step"] < since]
        write_atomically(folder / METRICS, "".join(kept).encode())


def claim_folder(folder: Path, settings: Mapping[str, Any]) -> None:
    """Record the settings that a run is started with, and refuse to resume it with others.

    settings: JSON values, such as `as_json(config)`. The precision may differ: a run started in bf16 can be resumed on a
    processor without it. Raises ConfigError naming the setting that differs.
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
                f"{folder} was started with {key}={started.get(key)}, found {wanted.get(key)}; use another folder",
            )

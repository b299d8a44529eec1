"""Looks at a test split: every time that a row's test queries were ranked, so that none goes unnoticed.

A look has `at` (UTC), `commit` and `values`, the figures that were seen. Looks are kept in two places: in the result file
of a row, which keeps those of the files that it replaces, and in the model folder, for evaluations without a result file.
"""

import datetime
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ml.checkout import commit
from ml.training.checkpoint import write_atomically

FILE = "looks.json"
SHOWN = ("acc@1", "acc@10", "%corr", "mAP", "precision@200", "accuracy")
Look = Mapping[str, Any]


def look_at(metrics: Mapping[str, Any]) -> dict[str, Any]:
    """Return the look of a measurement that was made now."""
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")
    return {"at": now, "commit": commit(), "values": _values(metrics)}


def recorded_looks(model: Path) -> list[Look]:
    """Return the looks that a model folder records."""
    path = model / FILE
    return list(json.loads(path.read_text())) if path.exists() else []


def record_look(model: Path, look: Look) -> None:
    """Add a look to a model folder, or to the folder of a part of a run with several seeds."""
    write_atomically(model / FILE, (json.dumps([*recorded_looks(model), look], indent=2) + "\n").encode())


def looks_after(path: Path, result: Mapping[str, Any], more: Sequence[Look] = ()) -> list[Look]:
    """Return the looks of a result file that is about to be written to `path`, in the order in which they happened.

    Other splits than test are not counted.
    """
    if result["split"] != "test":
        return []
    found = [*_earlier(path), *more, *result.get("looks", ())]
    by_time = {look["at"]: look for look in found}
    return [by_time[at] for at in sorted(by_time)]


def _earlier(path: Path) -> list[Look]:
    """Return the looks of the file that is replaced. A file from before looks were counted is one look."""
    if not path.exists():
        return []
    result = json.loads(path.read_text())
    if result.get("looks"):
        return list(result["looks"])
    if result.get("split") != "test":
        return []
    return [{"at": result["date"], "commit": result["commit"], "values": _values(result["metrics"])}]


def _values(metrics: Mapping[str, Any]) -> dict[str, float]:
    return {name: round(float(metrics[name]["value"]), 4) for name in SHOWN if name in metrics}

"""Result files: one JSON a run, with what it needs to be checked and run again.

Keys: `system dataset category split metrics ranks config seed dataset_sha256 commit date machine minutes command`, and

ranks    1-based expected rank of the true photo, a query each, in the order of the dataset's sketches; of hash codes that
         of the first code of the query's category
ties     other photos at the same distance as the true one, a query each: with `ranks` they give acc@k exactly
label    tells runs of one system apart, such as an ablation; "" for the system as it is
gallery  what was ranked: "split", the split's own photos, or "all"
processor  what it was measured on; files from before it was recorded lack it (`machine` is what it was trained on)
"""

import datetime
import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ml.command import portable
from ml.datasets.pairs import PairDataset
from ml.errors import DatasetError
from ml.hardware import processor
from ml.training.checkpoint import write_atomically

FOLDER = Path(__file__).parents[1] / "results"
OF_ANOTHER_KIND = frozenset({"loop"})  # folders of results that other commands write and show
KEYS = (
    *(
        "system",
        "label",
        "dataset",
        "category",
        "split",
        "gallery",
        "metrics",
        "ranks",
        "ties",
        "config",
        "seed",
    ),
    *("dataset_sha256", "commit", "date", "machine", "minutes", "command", "processor"),
)
_ADDED = frozenset({"processor"})  # older files lack it
_DIGITS = 4  # of shares and ranks, as many as anybody compares


class Measured(Protocol):
    """What a result file holds of a measurement, of pairs or of hash codes."""

    @property
    def split(self) -> str: ...
    @property
    def gallery(self) -> str: ...
    @property
    def metrics(self) -> Mapping[str, Any]: ...
    @property
    def ranks(self) -> NDArray[np.float64]: ...
    @property
    def ties(self) -> NDArray[np.integer[Any]]: ...


@dataclass(frozen=True)
class Run:
    """What made the scorer: the settings and, of its training or fitting, the minutes, the machine, the command."""

    system: str
    config: Mapping[str, Any]
    minutes: float
    machine: str
    command: str
    label: str = ""


def result_of(run: Run, dataset: PairDataset, measured: Measured) -> dict[str, Any]:
    """A run's result as its file holds it; commit and date are read here."""
    return {
        "system": run.system,
        "label": run.label,
        "dataset": dataset.format,
        "category": dataset.categories[0] if len(dataset.categories) == 1 else "all",
        "split": measured.split,
        "gallery": measured.gallery,
        "metrics": _rounded(measured.metrics),
        "ranks": _rounded(measured.ranks.tolist()),
        "ties": measured.ties.tolist(),
        "config": _portable(dict(run.config)),
        "seed": run.config.get("seed", 0),
        "dataset_sha256": dataset.sha256,
        "commit": commit(),
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "machine": run.machine,
        "minutes": round(run.minutes, 1),
        "command": portable(run.command),
        "processor": processor().as_json(),
    }


def write_result(path: Path, result: Mapping[str, Any]) -> None:
    """Write a result file, a key a line."""
    lines = [f"  {json.dumps(key)}: {json.dumps(result[key])}" for key in KEYS]
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, ("{\n" + ",\n".join(lines) + "\n}\n").encode())


def read_results(folder: Path = FOLDER) -> dict[str, dict[str, Any]]:
    """All result files below a folder, by their path in it without suffix, sorted. DatasetError on a missing key."""
    results = {}
    for path in sorted(folder.rglob("*.json")):
        if path.relative_to(folder).parts[0] in OF_ANOTHER_KIND:
            continue
        result = json.loads(path.read_text())
        missing = [key for key in KEYS if key not in result and key not in _ADDED]
        if missing:
            raise DatasetError(str(path), f"no result file, it lacks {', '.join(missing)}")
        results[path.relative_to(folder).with_suffix("").as_posix()] = result
    return results


def commit() -> str:
    """Hash of the checked-out commit, with "-dirty" where `ml` differs from it; "unknown" outside a checkout."""
    try:
        head = _git("rev-parse", "HEAD")
        changed = _git("status", "--porcelain", "--", "ml", ":!ml/results", ":!ml/zoo")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return f"{head}-dirty" if changed else head


def _git(*arguments: str) -> str:
    root = Path(__file__).parents[2]
    return subprocess.run(
        ["git", *arguments], cwd=root, check=True, capture_output=True, text=True
    ).stdout.strip()


def _portable(value: Any) -> Any:
    """Settings with the same treatment of their paths."""
    if isinstance(value, Mapping):
        return {key: _portable(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_portable(inner) for inner in value]
    return portable(value) if isinstance(value, str) else value


def _rounded(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _rounded(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_rounded(inner) for inner in value]
    return round(value, _DIGITS) if isinstance(value, float) else value

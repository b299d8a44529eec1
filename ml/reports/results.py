"""Result files: one JSON per run, with everything needed to check and repeat it.

Keys: `system dataset category split metrics ranks config seed dataset_sha256 commit date machine minutes command`, and

ranks    for each query, in the order of the dataset's sketches, the 1-based expected rank of the true photo, or with hash
         codes that of the first code of the query's category
ties     for each query, the number of other photos at the same distance as the true one; with `ranks`, gives acc@k
label    distinguishes runs of one system, such as ablations; "" for the system itself
gallery  what was ranked: "split", the split's photos, or "all"
processor  what it was measured on; older files lack it (`machine` is what it was trained on)
instances  with hash codes of sketches and photos: `ranks` and `ties` of the photo that each query was drawn from, within
           its category, and `ranks_all` and `ties_all` among all photos, if there are several categories; else absent
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
OTHER_KINDS = frozenset({"loop", "pairs"})  # folders of results that other commands write and show
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
OPTIONAL = ("instances",)  # keys of some protocols
_ADDED = frozenset({"processor"})  # older files lack it
_DIGITS = 4  # decimals of shares and ranks


class Measured(Protocol):
    """The part of a measurement, of pairs or of hash codes, that a result file holds."""

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
    """Where a scorer comes from: its settings, and the minutes, machine and command of its training or fitting."""

    system: str
    config: Mapping[str, Any]
    minutes: float
    machine: str
    command: str
    label: str = ""


def result_of(
    run: Run, dataset: PairDataset, measured: Measured, instances: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return a run's result as in its file; commit and date are read here. instances: see the module."""
    found = {
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
    return found if instances is None else {**found, "instances": _rounded(instances)}


def write_result(path: Path, result: Mapping[str, Any]) -> None:
    """Write a result file, one key per line."""
    keys = [*KEYS, *(key for key in OPTIONAL if key in result)]
    lines = [f"  {json.dumps(key)}: {json.dumps(result[key])}" for key in keys]
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, ("{\n" + ",\n".join(lines) + "\n}\n").encode())


def read_results(folder: Path = FOLDER) -> dict[str, dict[str, Any]]:
    """Read all result files below a folder, by path without suffix, sorted. Raises DatasetError on a missing key."""
    results = {}
    for path in sorted(folder.rglob("*.json")):
        if path.relative_to(folder).parts[0] in OTHER_KINDS:
            continue
        result = json.loads(path.read_text())
        missing = [key for key in KEYS if key not in result and key not in _ADDED]
        if missing:
            raise DatasetError(str(path), f"not a result file: missing {', '.join(missing)}")
        results[path.relative_to(folder).with_suffix("").as_posix()] = result
    return results


def commit() -> str:
    """Return the hash of the checked-out commit, with "-dirty" if `ml` differs from it; "unknown" outside a checkout."""
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
    """Return settings without this machine's paths."""
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

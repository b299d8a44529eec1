"""Result files: one JSON per run, with everything needed to check and repeat it.

Keys: `system dataset category split metrics ranks config seed dataset_sha256 commit date machine minutes command`, and

metrics  each with its value and `ci95`, the 95 % bootstrap interval over queries; of several seeds the mean of values and
         of bounds, with `sd`, the standard deviation of the seeds, and `t95`, the t-interval of their mean
ranks    for each query, in the order of the dataset's sketches, the 1-based expected rank of the true photo, or with hash
         codes that of the first code of the query's category
ties     for each query, the number of other photos at the same distance as the true one; with `ranks`, gives acc@k
label    distinguishes runs of one system, such as ablations; "" for the system itself
gallery  what was ranked: "split", the split's photos, or "all"
processor  what it was measured on (`machine` is what it was trained on)
trained_at  the commit that the model was trained at, if it was trained
recipe   the recipe of the run, if it had one: its name, its text, and the settings changed on the command line
seeds    one item per seed of a run with several: its seed, metrics, ranks and ties, which are then empty above
looks    each time that this row's test split was ranked, the last one for this file: when, at which commit, the figures
instances  with hash codes of sketches and photos: `ranks` and `ties` of the photo that each query was drawn from, within
           its category, and `ranks_all` and `ties_all` among all photos, if there are several categories; else absent
curve    with hash codes: mean `precision` and `recall` within each Hamming radius from 0 to the code length
terms    of a training that recorded its losses: for each term its values over time (`ml.systems.gdh.terms`); else absent

Older files lack the processor, `trained_at`, `recipe`, `seeds` and `looks`.
"""

import datetime
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ml.checkout import commit, is_traceable
from ml.command import portable
from ml.datasets.pairs import PairDataset
from ml.errors import ConfigError, DatasetError
from ml.hardware import processor
from ml.reports.looks import looks_after
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
    *("trained_at", "recipe", "seeds", "looks"),
)
OPTIONAL = ("instances", "curve", "terms")  # keys of some protocols and systems
_ADDED = frozenset({"processor", "trained_at", "recipe", "seeds", "looks"})  # older files lack them
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
    """Where a scorer comes from: its settings, and the minutes, machine, commit and command of its training or fitting.

    recipe: as stored in the model folder; None without one. terms: see the module; None if they were not recorded.
    """

    system: str
    config: Mapping[str, Any]
    minutes: float
    machine: str
    command: str
    label: str = ""
    trained_at: str | None = None
    recipe: Mapping[str, Any] | None = None
    terms: Mapping[str, Any] | None = None


def result_of(
    run: Run, dataset: PairDataset, measured: Measured, of_codes: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return a run's result as in its file; commit and date are read here. of_codes: `instances` and `curve`."""
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
        "trained_at": run.trained_at,
        "recipe": _portable(run.recipe),
        "seeds": None,
        "looks": [],
    }
    optional = {**(of_codes or {}), "terms": run.terms}
    return found | {key: _rounded(value) for key, value in optional.items() if value is not None}


def require_traceable(path: Path, *, commits: Sequence[str] = ()) -> None:
    """Raise ConfigError unless a result file can name its code: no uncommitted changes, neither now nor at the training.

    commits: at which the models were trained.
    """
    found = [commit(), *commits]
    if not all(is_traceable(one) for one in found):
        changed = next(one for one in found if not is_traceable(one))
        reason = "outside a checkout" if changed == "unknown" else "with uncommitted changes of ml"
        when = "now" if not is_traceable(found[0]) else "the training"
        raise ConfigError(
            "--result",
            f"{path.name} would come from code that nobody can look up ({when}: {reason}); commit, or pass --untracked",
        )


def write_result(
    path: Path, result: Mapping[str, Any], *, more_looks: Sequence[Mapping[str, Any]] = ()
) -> None:
    """Write a result file, one key per line. Earlier looks at the test split, of the file that it replaces, are kept.

    more_looks: looks that were recorded elsewhere, such as in the model folder.
    """
    result = {**result, "looks": looks_after(path, result, more_looks)}
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

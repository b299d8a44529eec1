"""Measure a model folder or a baseline on a dataset of pairs: metrics, sheets and a result file."""

import contextlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ml.baselines.registry import fit_baseline
from ml.contracts.split import Split
from ml.datasets.formats import open_dataset
from ml.datasets.pairs import PairDataset
from ml.errors import ConfigError
from ml.metrics.hashing import precision_recall
from ml.protocols.hashing import Hasher, HashingMeasurement
from ml.protocols.pairs import Gallery, measure
from ml.protocols.scorer import Scorer
from ml.reports.combined import combined, combined_metrics
from ml.reports.hashing.run import HashingRequest, report_hashing
from ml.reports.looks import look_at, record_look, recorded_looks
from ml.reports.recognition import report_recognition
from ml.reports.results import Measured, Run, require_traceable, result_of, write_result
from ml.reports.seeds import model_folders
from ml.reports.sheets import write_sheets
from ml.serving.recogniser import Recogniser
from ml.systems.registry import load_scorer, rows_named
from ml.training.device import describe_machine
from ml.training.model_folder import RECIPE


@dataclass(frozen=True)
class Request:
    """What to measure, and which files to write.

    sheets: folder for sheets or figures. result: result file. label, command: recorded in the result file, as is a
    baseline's `recipe`; a model folder holds its own. untracked: write the result file although `ml` has uncommitted
    changes, which it then says. unseen_file: for zero-shot formats, the categories to test on.
    """

    format: str
    root: Path
    split: Split = "test"
    gallery: Gallery = "split"
    sheets: Path | None = None
    result: Path | None = None
    label: str = ""
    command: str = ""
    untracked: bool = False
    recipe: Mapping[str, Any] | None = None
    unseen_file: Path | None = None

    def open(self) -> PairDataset:
        """Open the dataset. Raises ConfigError, DatasetError."""
        return open_dataset(self.format, self.root, unseen=self.unseen_file)


@dataclass(frozen=True)
class _Outcome:
    """What one seed's model or baseline measured; `measured` is None if it does not rank."""

    metrics: dict[str, Any]
    run: Run
    measured: Measured | None


def evaluate_model(model: Path, request: Request) -> dict[str, Any]:
    """Measure a trained model, or those of all seeds of a run with several, whose metrics are combined.

    The result file records the minutes, machine and commit of the training, and both commands. Every time that the test
    split is ranked is recorded in the model folder, too, even without a result file.
    """
    folders = model_folders(model)
    if request.result is not None and not request.untracked:
        require_traceable(request.result, commits=[at for folder in folders if (at := _trained_at(folder))])
    dataset = request.open()
    silent = replace(request, sheets=None)  # the pictures are of the first seed
    outcomes = [_evaluated(folder, dataset, silent if n else request) for n, folder in enumerate(folders)]
    metrics = combined_metrics([outcome.metrics for outcome in outcomes])
    looks = recorded_looks(model)
    if request.split == "test" and not any(row.servable for row in rows_named(outcomes[0].run.system)):
        looks = [*looks, look_at(metrics)]
        with contextlib.suppress(PermissionError):  # of a model that only others may change
            record_look(model, looks[-1])
    if request.result is not None:
        result = _result(outcomes, dataset)
        write_result(request.result, result, more_looks=looks)
    return metrics


def evaluate_baseline(
    name: str, overrides: Sequence[str], request: Request, *, seeds: int = 1
) -> dict[str, Any]:
    """Fit and measure a baseline, one that has a seed with as many as asked for. The result file records the minutes."""
    if request.result is not None and not request.untracked:
        require_traceable(request.result)
    dataset = request.open()
    outcomes = [_fitted(name, overrides, dataset, request)]
    first = outcomes[0].run.config.get("seed")
    if first is not None:
        outcomes += [
            _fitted(name, [*overrides, f"seed={first + more}"], dataset, request) for more in range(1, seeds)
        ]
    metrics = combined_metrics([outcome.metrics for outcome in outcomes])
    if request.result is not None:
        write_result(request.result, _result(outcomes, dataset), more_looks=[look_at(metrics)])
    return metrics


def _evaluated(model: Path, dataset: PairDataset, request: Request) -> _Outcome:
    manifest, scorer = load_scorer(model)
    training, config = manifest.get("training", {}), manifest.get("config", {})
    if config.get("precision") == "auto":
        config = {**config, "precision": training.get("precision", "auto")}
    run = Run(
        system=manifest["system"],
        config=config,
        minutes=training.get("minutes", 0.0),
        machine=training.get("machine", "unknown"),
        command=_joined(training.get("command", ""), request.command),
        label=request.label,
        trained_at=training.get("commit"),
        recipe=_recipe(model),
        terms=manifest.get("terms"),
    )
    metrics, measured = _measured(scorer, dataset, request)
    return _Outcome(metrics, run, measured)


def _fitted(name: str, overrides: Sequence[str], dataset: PairDataset, request: Request) -> _Outcome:
    started = time.monotonic()
    fitted = fit_baseline(name, dataset, overrides)
    run = Run(
        system=name,
        config=fitted.config,
        minutes=(time.monotonic() - started) / 60,
        machine=describe_machine(),
        command=_joined(fitted.made_by, request.command),
        label=request.label,
        recipe=request.recipe,
    )
    metrics, measured = _measured(fitted.scorer, dataset, request)
    return _Outcome(metrics, run, measured)


def _measured(
    scorer: Scorer | Hasher | Recogniser, dataset: PairDataset, request: Request
) -> tuple[dict[str, Any], Measured | None]:
    """Measure a recogniser by names, hash codes by category and instance, anything else by pairs.

    Hash codes that also rank pairs are measured by pairs if all photos have one category.
    """
    if isinstance(scorer, Recogniser):
        if request.result is not None:
            raise ConfigError("--result", "applies only to models that rank")
        return report_recognition(scorer, dataset, request.split, request.sheets), None
    fine_grained = bool(dataset.photos) and len(dataset.categories) == 1
    if not isinstance(scorer, Scorer) or (isinstance(scorer, Hasher) and not fine_grained):
        hashed = report_hashing(
            scorer, dataset, HashingRequest(request.split, request.gallery, request.sheets)
        )
        return hashed.metrics, hashed
    measured = measure(scorer, dataset, split=request.split, gallery=request.gallery)
    if request.sheets is not None:
        write_sheets(request.sheets, scorer, dataset, measured)
    return measured.metrics, measured


def _result(outcomes: Sequence[_Outcome], dataset: PairDataset) -> dict[str, Any]:
    return combined(
        [
            result_of(outcome.run, dataset, outcome.measured, _of_codes(outcome.measured))
            for outcome in outcomes
            if outcome.measured is not None
        ]
    )


def _of_codes(measured: Measured) -> dict[str, Any]:
    """Return what a result file holds of hash codes alone: the curve, and the ranks of instances if there are any."""
    if not isinstance(measured, HashingMeasurement):
        return {}
    precision, recall = precision_recall(measured.counts)
    found: dict[str, Any] = {"curve": {"precision": precision.tolist(), "recall": recall.tolist()}}
    return found if measured.instances is None else {**found, "instances": measured.instances.as_json()}


def _recipe(model: Path) -> dict[str, Any] | None:
    """Return the recipe that a model folder was made from, also for a part of it, such as `32-bit`."""
    for folder in (model, model.parent):
        if (folder / RECIPE).exists():
            recipe: dict[str, Any] = json.loads((folder / RECIPE).read_text())
            return recipe
    return None


def _trained_at(model: Path) -> str | None:
    """Return the commit of a model's training; None if its folder is unreadable or older than that record."""
    try:
        manifest = json.loads((model / "model.json").read_text())
        found: str | None = manifest.get("training", {}).get("commit")
    except (OSError, ValueError, AttributeError):
        return None
    return found


def _joined(*commands: str) -> str:
    """Join the different non-empty commands, to be run in sequence."""
    return " && ".join(filter(None, dict.fromkeys(commands)))

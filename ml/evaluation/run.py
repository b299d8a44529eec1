"""From a model folder or a baseline's name to metrics, sheets and a result file, on a dataset of pairs."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ml.baselines.registry import fit_baseline
from ml.contracts.split import Split
from ml.datasets.formats import open_dataset
from ml.datasets.pairs import PairDataset
from ml.evaluation.hashing import Hasher
from ml.evaluation.hashing_run import HashingRequest, report_hashing
from ml.evaluation.protocol import Gallery, measure
from ml.evaluation.results import Run, result_of, write_result
from ml.evaluation.scorer import Scorer
from ml.evaluation.sheets import write_sheets
from ml.systems.registry import load_scorer
from ml.training.device import describe_machine


@dataclass(frozen=True)
class Request:
    """What to measure on, and what to leave behind beside the metrics."""

    format: str
    root: Path
    split: Split = "test"
    gallery: Gallery = "split"
    sheets: Path | None = None
    result: Path | None = None
    label: str = ""
    command: str = ""


def evaluate_model(model: Path, request: Request) -> dict[str, Any]:
    """Metrics of a trained model. Its result file tells the training's minutes and machine, and both commands."""
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
    )
    return _report(scorer, open_dataset(request.format, request.root), run, request)


def evaluate_baseline(name: str, overrides: Sequence[str], request: Request) -> dict[str, Any]:
    """Metrics of a baseline, fitted first; a result file tells the minutes of fitting."""
    started = time.monotonic()
    dataset = open_dataset(request.format, request.root)
    fitted = fit_baseline(name, dataset, overrides)
    run = Run(
        system=name,
        config=fitted.config,
        minutes=(time.monotonic() - started) / 60,
        machine=describe_machine(),
        command=_joined(fitted.made_by, request.command),
        label=request.label,
    )
    return _report(fitted.scorer, dataset, run, request)


def _report(scorer: Scorer | Hasher, dataset: PairDataset, run: Run, request: Request) -> dict[str, Any]:
    """Hash codes are measured by category; where all photos are of one, by pairs, as every scorer is."""
    fine_grained = bool(dataset.photos) and len(dataset.categories) == 1
    if not isinstance(scorer, Scorer) or (isinstance(scorer, Hasher) and not fine_grained):
        asked = HashingRequest(request.split, request.gallery, request.sheets, request.result)
        return report_hashing(scorer, dataset, run, asked)
    measured = measure(scorer, dataset, split=request.split, gallery=request.gallery)
    if request.sheets is not None:
        write_sheets(request.sheets, scorer, dataset, measured)
    if request.result is not None:
        write_result(request.result, result_of(run, dataset, measured))
    return measured.metrics


def _joined(*commands: str) -> str:
    """The commands that were given, to be run in turn."""
    return " && ".join(filter(None, commands))

"""Measure a model folder or a baseline on a dataset of pairs: metrics, sheets and a result file."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ml.baselines.registry import fit_baseline
from ml.contracts.split import Split
from ml.datasets.formats import open_dataset
from ml.datasets.pairs import PairDataset
from ml.errors import ConfigError
from ml.protocols.hashing import Hasher
from ml.protocols.pairs import Gallery, measure
from ml.protocols.scorer import Scorer
from ml.reports.hashing.run import HashingRequest, report_hashing
from ml.reports.recognition import report_recognition
from ml.reports.results import Run, result_of, write_result
from ml.reports.sheets import write_sheets
from ml.serving.recogniser import Recogniser
from ml.systems.registry import load_scorer
from ml.training.device import describe_machine


@dataclass(frozen=True)
class Request:
    """What to measure, and which files to write.

    sheets: folder for sheets or figures. result: result file. label, command: recorded in the result file.
    """

    format: str
    root: Path
    split: Split = "test"
    gallery: Gallery = "split"
    sheets: Path | None = None
    result: Path | None = None
    label: str = ""
    command: str = ""


def evaluate_model(model: Path, request: Request) -> dict[str, Any]:
    """Measure a trained model. The result file records the minutes and machine of its training, and both commands."""
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
    """Fit and measure a baseline. The result file records the minutes of fitting."""
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


def _report(
    scorer: Scorer | Hasher | Recogniser, dataset: PairDataset, run: Run, request: Request
) -> dict[str, Any]:
    """Measure a recogniser by names, hash codes by category and instance, anything else by pairs.

    Hash codes that also rank pairs are measured by pairs if all photos have one category.
    """
    if isinstance(scorer, Recogniser):
        if request.result is not None:
            raise ConfigError("--result", "applies only to models that rank")
        return report_recognition(scorer, dataset, request.split, request.sheets)
    fine_grained = bool(dataset.photos) and len(dataset.categories) == 1
    if not isinstance(scorer, Scorer) or (isinstance(scorer, Hasher) and not fine_grained):
        params = HashingRequest(request.split, request.gallery, request.sheets, request.result)
        return report_hashing(scorer, dataset, run, params)
    measured = measure(scorer, dataset, split=request.split, gallery=request.gallery)
    if request.sheets is not None:
        write_sheets(request.sheets, scorer, dataset, measured)
    if request.result is not None:
        write_result(request.result, result_of(run, dataset, measured))
    return measured.metrics


def _joined(*commands: str) -> str:
    """Join the non-empty commands, to be run in sequence."""
    return " && ".join(filter(None, commands))

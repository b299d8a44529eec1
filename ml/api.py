"""What the site and the command line may ask of `ml`: check a dataset, train a system, evaluate a model or a baseline.

Importing this module imports no torch; each call imports what it needs.
"""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ml.contracts.split import Split
from ml.datasets.formats import find_format, open_dataset
from ml.errors import ConfigError
from ml.serving.manifest import Precision
from ml.systems.registry import find_system


def check_dataset(format: str, root: Path) -> Mapping[str, Any]:
    """Counts of a dataset by split, its broken files, and what two of its splits share.

    Raises DatasetError on a folder of another layout, ConfigError on `format`.
    """
    from ml.datasets.check import check

    return check(format, root)


def train(
    *,
    system: str,
    format: str,
    root: Path,
    out: Path,
    profile: str = "cpu",
    overrides: Sequence[str] = (),
    command: str = "",
) -> Mapping[str, Any]:
    """Train `system` on a dataset and write the model folder to `out`; resumes a killed run. Returns metrics.

    Where the name means another system on that format, a line on standard error says which one is trained.
    """
    row = find_system(system, format, profile)
    if row.name != system:
        print(f"--system {system} on format {format}: training {row.name}", file=sys.stderr)
    found = find_format(format)
    dataset = found.read(root) if "catalogue" in found.uses else open_dataset(format, root)
    return row.load_module().train(
        dataset=dataset, out=out, profile=profile, overrides=overrides, command=command
    )


def evaluate(
    *,
    model: Path,
    format: str,
    root: Path,
    split: Split = "test",
    precision: Precision | None = None,
    quickdraw: Path | None = None,
    seats: Path | None = None,
    record: bool = False,
    **pairs: Any,
) -> Mapping[str, Any]:
    """Measure a model folder on a split of a dataset; every metric with its 95 % bootstrap interval.

    On format catalogue `record` measures both precisions, puts the metrics into the model's manifest and card, and
    before, where there are doodles, the temperature of the shelves' vote that validation chooses; only the test split
    may be recorded. `precision`: by default the one that serves on this processor. `pairs`
    are the fields of `ml.reports.run.Request` that the other formats know: gallery, sheets, result, label, command.
    """
    if "catalogue" not in find_format(format).uses:
        _refuse(
            "format catalogue", precision=precision, quickdraw=quickdraw, seats=seats, record=record or None
        )
        from ml.reports.run import Request, evaluate_model

        return evaluate_model(model, Request(format=format, root=root, split=split, **pairs))
    _refuse("datasets of pairs", sheets=pairs.get("sheets"), result=pairs.get("result"))
    from ml.protocols.catalogue import evaluate_catalogue

    if record:
        if split != "test" or precision is not None:
            raise ConfigError("--record", "only the test split is reported, in both precisions")
        from ml.systems.sketchfind.release import record_metrics

        return record_metrics(model, root, quickdraw, seats)
    return evaluate_catalogue(
        model=model, root=root, split=split, precision=precision, quickdraw=quickdraw, seats=seats
    )


def export(*, model: Path, root: Path, quickdraw: Path, seats: Path | None = None) -> Mapping[str, Any]:
    """Write a `sketchfind` model folder anew from its weights: ONNX files, reference, thresholds, metrics, card.

    root: the catalogue that it was trained on; quickdraw: its doodles. Returns the test metrics in fp32.
    """
    from ml.systems.sketchfind.release import export_again

    return export_again(model=model, root=root, quickdraw=quickdraw, seats=seats)


def compare(
    *, model: Path, against: Path, format: str, root: Path, split: Split = "test"
) -> Mapping[str, Any]:
    """Two model folders on a split of a dataset of pairs; every metric of both and the interval of the difference."""
    from ml.reports.comparison import compare_models

    return compare_models(model, against, open_dataset(format, root), split=split)


def evaluate_baseline(
    *, name: str, format: str, root: Path, overrides: Sequence[str] = (), **request: Any
) -> Mapping[str, Any]:
    """Fit a baseline to a dataset of pairs and measure it; `request` as `pairs` of `evaluate`, and its `split`."""
    find_format(format, "pairs", "drawings")
    from ml.reports.run import Request
    from ml.reports.run import evaluate_baseline as run

    return run(name, overrides, Request(format=format, root=root, **request))


def _refuse(belongs_to: str, **given: Any) -> None:
    """Raise ConfigError on the first option that was given although it belongs to another kind of dataset."""
    for name, value in given.items():
        if value is not None:
            raise ConfigError(f"--{name}", f"for {belongs_to} alone")

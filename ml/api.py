"""What the site and the command line may ask of `ml`: check a dataset, train a system, evaluate a model.

Importing this module imports no torch; each call imports what it needs.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ml.errors import ConfigError

SYSTEMS = ("sketchfind",)
FORMATS = ("catalogue",)


def check_dataset(format: str, root: Path) -> Mapping[str, Any]:
    """Counts of a dataset folder by split. Raises DatasetError on what is missing, ConfigError on `format`."""
    _known("--format", format, FORMATS)
    from ml.datasets.catalogue import Catalogue

    catalogue = Catalogue(root)
    splits = [product.split for product in catalogue.products]
    views = [view for product in catalogue.products for view in product.views]
    return {
        "products": len(catalogue.products),
        "categories": len(catalogue.categories),
        "views": len(views),
        "drawings": sum(view.drawing is not None for view in views),
        "missing_photos": [str(view.photo) for view in views if not view.photo.exists()],
        "splits": {split: splits.count(split) for split in ("train", "val", "test")},
    }


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
    """Train `system` on a dataset folder and export the model folder to `out`; resumes a killed run. Returns metrics."""
    _known("--system", system, SYSTEMS)
    _known("--format", format, FORMATS)
    from ml.systems.sketchfind_release import train_and_export

    return train_and_export(root=root, out=out, profile=profile, overrides=overrides, command=command)


def evaluate(
    *,
    model: Path,
    format: str,
    root: Path,
    split: str = "test",
    precision: str | None = None,
    quickdraw: Path | None = None,
    seats: Path | None = None,
    record: bool = False,
) -> Mapping[str, Any]:
    """Measure a model folder on a split of a dataset; every metric with its 95 % bootstrap interval.

    `record` puts the metrics into the model's manifest and card; only the test split may be recorded.
    """
    _known("--format", format, FORMATS)
    from ml.evaluation.catalogue import evaluate_catalogue

    metrics = evaluate_catalogue(
        model=model, root=root, split=split, precision=precision, quickdraw=quickdraw, seats=seats
    )
    if record:
        if split != "test":
            raise ConfigError("--record", "only the test split is reported")
        from ml.systems.sketchfind_release import record_metrics

        record_metrics(model, metrics)
    return metrics


def _known(field: str, value: str, known: Sequence[str]) -> None:
    if value not in known:
        raise ConfigError(field, f"{value!r} is unknown; one of {', '.join(known)}")

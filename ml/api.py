"""What the site and the command line may ask of `ml`: check a dataset, train a system, evaluate a model or a baseline.

Importing this module imports no torch; each call imports what it needs.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ml.contracts.split import Split
from ml.errors import ConfigError
from ml.serving.manifest import Precision

FORMATS = ("catalogue", "qmul-v1", "qmul-v2", "sketchy", "tu-berlin", "quickdraw", "snapshot")


def check_dataset(format: str, root: Path) -> Mapping[str, Any]:
    """Counts of a dataset by split, its broken files, and what two of its splits share.

    Raises DatasetError on a folder of another layout, ConfigError on `format`.
    """
    _known("--format", format, FORMATS)
    if format != "catalogue":
        from ml.datasets.check import check_pairs

        return check_pairs(format, root)
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
    """Train `system` on a dataset and write the model folder to `out`; resumes a killed run. Returns metrics.

    On format catalogue, which `sketchfind` alone learns from, the model folder can be served.
    """
    _known("--format", format, FORMATS)
    if format != "catalogue":
        from ml.datasets.formats import open_dataset
        from ml.systems import registry

        return registry.system(system).train(
            dataset=open_dataset(format, root), out=out, profile=profile, overrides=overrides, command=command
        )
    _known("--system", system, ("sketchfind",))
    from ml.systems.sketchfind_release import train_and_export

    return train_and_export(root=root, out=out, profile=profile, overrides=overrides, command=command)


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
    are the fields of `ml.evaluation.run.Request` that the other formats know: gallery, sheets, result, label, command.
    """
    _known("--format", format, FORMATS)
    if format != "catalogue":
        _refuse(
            "format catalogue", precision=precision, quickdraw=quickdraw, seats=seats, record=record or None
        )
        from ml.evaluation.run import Request, evaluate_model

        return evaluate_model(model, Request(format=format, root=root, split=split, **pairs))
    _refuse("datasets of pairs", sheets=pairs.get("sheets"), result=pairs.get("result"))
    from ml.evaluation.catalogue import evaluate_catalogue

    if record:
        if split != "test" or precision is not None:
            raise ConfigError("--record", "only the test split is reported, in both precisions")
        from ml.systems.sketchfind_release import record_metrics

        return record_metrics(model, root, quickdraw, seats)
    return evaluate_catalogue(
        model=model, root=root, split=split, precision=precision, quickdraw=quickdraw, seats=seats
    )


def export(*, model: Path, root: Path, quickdraw: Path, seats: Path | None = None) -> Mapping[str, Any]:
    """Write a `sketchfind` model folder anew from its weights: ONNX files, reference, thresholds, metrics, card.

    root: the catalogue that it was trained on; quickdraw: its doodles. Returns the test metrics in fp32.
    """
    from ml.systems.sketchfind_release import export_again

    return export_again(model=model, root=root, quickdraw=quickdraw, seats=seats)


def compare(
    *, model: Path, against: Path, format: str, root: Path, split: Split = "test"
) -> Mapping[str, Any]:
    """Two model folders on a split of a dataset of pairs; every metric of both and the interval of the difference."""
    _known("--format", format, [known for known in FORMATS if known != "catalogue"])
    from ml.datasets.formats import open_dataset
    from ml.evaluation.comparison import compare_models

    return compare_models(model, against, open_dataset(format, root), split=split)


def evaluate_baseline(
    *, name: str, format: str, root: Path, overrides: Sequence[str] = (), **request: Any
) -> Mapping[str, Any]:
    """Fit a baseline to a dataset of pairs and measure it; `request` as `pairs` of `evaluate`, and its `split`."""
    _known("--format", format, [known for known in FORMATS if known != "catalogue"])
    from ml.evaluation.run import Request
    from ml.evaluation.run import evaluate_baseline as run

    return run(name, overrides, Request(format=format, root=root, **request))


def _refuse(belongs_to: str, **given: Any) -> None:
    """Raise ConfigError on the first option that was given although it belongs to another kind of dataset."""
    for name, value in given.items():
        if value is not None:
            raise ConfigError(f"--{name}", f"for {belongs_to} alone")


def _known(field: str, value: str, known: Sequence[str]) -> None:
    if value not in known:
        raise ConfigError(field, f"{value!r} is unknown; one of {', '.join(known)}")

"""The functions of `ml` that the site and the command line call: check datasets, train, evaluate, export, compare.

Importing this module does not import torch; each function imports what it needs.
"""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from ml.contracts.split import Split
from ml.datasets.formats import find_format, open_dataset
from ml.errors import ConfigError
from ml.serving.manifest import Precision
from ml.systems.registry import find_system


def check_dataset(format: str, root: Path, *, unseen_file: Path | None = None) -> Mapping[str, Any]:
    """Return the counts of a dataset by split, its broken files and the leaks between its splits, as JSON values.

    unseen_file: for zero-shot formats, a file that lists the categories to test on. Raises DatasetError if the folder has
    another layout, ConfigError if `format` is unknown.
    """
    from ml.datasets.check import check

    return check(format, root, unseen=unseen_file)


def show_dataset(format: str, root: Path, *, unseen_file: Path | None = None) -> Mapping[str, Any]:
    """Return the counts of a dataset by split without decoding any file. Arguments and errors as `check_dataset`."""
    from ml.datasets.summary import summary

    return summary(format, root, unseen=unseen_file)


def train(
    *,
    system: str,
    format: str,
    root: Path,
    out: Path,
    profile: str = "cpu",
    overrides: Sequence[str] = (),
    command: str = "",
    unseen_file: Path | None = None,
) -> Mapping[str, Any]:
    """Train `system` on a dataset, write the model folder to `out` and return the metrics; a killed run is resumed.

    If the name selects another system on that format, a line on standard error reports which one is trained.
    overrides: settings as "key=value". command: the command line to record in the manifest. unseen_file: for zero-shot
    formats, a file that lists the categories not to train on. Raises ConfigError on an unknown system, format, profile or
    setting, DatasetError on unusable data, Cancelled when training is stopped.
    """
    row = find_system(system, format, profile)
    if row.name != system:
        print(f"Training {row.name}: --system {system} on format {format}", file=sys.stderr)
    found = find_format(format)
    if "catalogue" in found.uses:
        _refuse("zero-shot formats", unseen_file=unseen_file)
        dataset = found.read(root)
    else:
        dataset = open_dataset(format, root, unseen=unseen_file)
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
    """Measure a model folder on a split of a dataset; every metric comes with its 95 % bootstrap interval.

    For the format `catalogue` only: `precision`, by default the one that serves on this processor; `quickdraw`, doodles
    to measure with; `seats`, a Chair-V2 folder; `record`, which measures both precisions on the test split and writes
    the metrics into the model's manifest and card, after choosing the weight of recognised names on validation if
    there are doodles. For the other formats, `pairs` are fields of `ml.reports.run.Request`: gallery, sheets, result,
    label, command, untracked, unseen_file. Raises ConfigError if an option does not apply to the format, DatasetError,
    ModelError.
    """
    if "catalogue" not in find_format(format).uses:
        _refuse(
            "format catalogue", precision=precision, quickdraw=quickdraw, seats=seats, record=record or None
        )
        from ml.reports.run import Request, evaluate_model

        return evaluate_model(model, Request(format=format, root=root, split=split, **pairs))
    _refuse("datasets of pairs", sheets=pairs.get("sheets"), result=pairs.get("result"))
    _refuse("zero-shot formats", unseen_file=pairs.get("unseen_file"))
    from ml.protocols.catalogue import evaluate_catalogue

    if record:
        if split != "test" or precision is not None:
            raise ConfigError(
                "--record", "records the test split in both precisions; omit --split and --precision"
            )
        from ml.systems.sketchfind.release import record_metrics

        return record_metrics(model, root, quickdraw, seats)
    return evaluate_catalogue(
        model=model, root=root, split=split, precision=precision, quickdraw=quickdraw, seats=seats
    )


def evaluate_unseen(
    *,
    model: Path,
    format: str,
    root: Path,
    split: Split | Literal["all"],
    gallery: Split | Literal["all"],
    precision: Precision | None,
    n_visitors: int,
    n_sketches: int | None,
    unseen_file: Path | None = None,
) -> Mapping[str, Any]:
    """Search a dataset of pairs as a shop that has just imported its photos, with the released recogniser.

    The other arguments are those of `ml.protocols.unseen`. Raises ConfigError, DatasetError, ModelError.
    """
    from ml.protocols.catalogue import RECOGNISER
    from ml.protocols.unseen import evaluate_unseen
    from ml.serving.encoder import Encoder
    from ml.serving.recogniser import Recogniser

    return evaluate_unseen(
        encoder=Encoder.load(model, precision=precision),
        recogniser=Recogniser.load(RECOGNISER, precision=precision),
        dataset=open_dataset(format, root, unseen=unseen_file),
        split=None if split == "all" else split,
        gallery=None if gallery == "all" else gallery,
        n_visitors=n_visitors,
        n_sketches=n_sketches,
    )


def evaluate_words(
    *,
    model: Path,
    format: str,
    root: Path,
    quickdraw: Path | None,
    split: Split = "test",
    precision: Precision | None = None,
) -> Mapping[str, Any]:
    """Measure match words and "nothing close" on a catalogue, or on a dataset of pairs as a shop that no model has seen.

    quickdraw: doodles. Of a dataset of pairs, at most 300 sketches of the split are drawn. Raises ConfigError without
    doodles, DatasetError, ModelError.
    """
    from ml.protocols.words import evaluate_catalogue_words, evaluate_pairs_words

    if quickdraw is None:
        raise ConfigError("--quickdraw", "missing; match words are measured with doodles")
    if "catalogue" in find_format(format).uses:
        return evaluate_catalogue_words(
            model=model, root=root, quickdraw=quickdraw, split=split, precision=precision
        )
    return evaluate_pairs_words(
        model=model,
        dataset=open_dataset(format, root),
        quickdraw=quickdraw,
        split=split,
        n_sketches=300,
        precision=precision,
    )


def export(*, model: Path, root: Path, quickdraw: Path, seats: Path | None = None) -> Mapping[str, Any]:
    """Rewrite a `sketchfind` model folder from its weights: ONNX files, reference, thresholds, metrics, card.

    root: the catalogue that it was trained on. quickdraw: the doodles that it was trained on. Returns the test metrics
    in fp32.
    """
    from ml.systems.sketchfind.release import export_again

    return export_again(model=model, root=root, quickdraw=quickdraw, seats=seats)


def compare(
    *,
    model: Path,
    against: Path,
    format: str,
    root: Path,
    split: Split = "test",
    unseen_file: Path | None = None,
) -> Mapping[str, Any]:
    """Compare two model folders on a split of a dataset of pairs: each metric of both, and the difference's interval."""
    from ml.reports.comparison import compare_models

    return compare_models(model, against, open_dataset(format, root, unseen=unseen_file), split=split)


def evaluate_baseline(
    *, name: str, format: str, root: Path, overrides: Sequence[str] = (), seeds: int = 1, **request: Any
) -> Mapping[str, Any]:
    """Fit a baseline to a dataset of pairs and measure it, one that has a seed with as many as asked for.

    request: `split`, and the fields that `evaluate` takes as `pairs`. Raises ConfigError, DatasetError.
    """
    find_format(format, "pairs", "drawings")
    from ml.reports.run import Request
    from ml.reports.run import evaluate_baseline as run

    return run(name, overrides, Request(format=format, root=root, **request), seeds=seeds)


def _refuse(belongs_to: str, **given: Any) -> None:
    """Raise ConfigError on the first given option that applies only to another kind of dataset."""
    for name, value in given.items():
        if value is not None:
            raise ConfigError(f"--{name.replace('_', '-')}", f"applies only to {belongs_to}")

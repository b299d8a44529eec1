"""The registry of dataset formats, one row each, and the function that opens a dataset.

To add a format, write a file with a reader and add a row here.
"""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ml.datasets.files import open_files
from ml.datasets.pairs import PairDataset
from ml.errors import ConfigError

Use = Literal["catalogue", "pairs", "drawings"]


@dataclass(frozen=True)
class Format:
    """A row of the registry.

    uses: what a system can learn from it: a shop's catalogue, pairs of sketch and photo, or drawings with a category.
    reader: "module:function" in `ml.datasets`. It takes (files, validation share) and returns a `PairDataset`; that of a
    catalogue takes the folder and returns a `Catalogue`. zero_shot: whether it also takes `unseen`, a file that lists the
    categories to leave out of training.
    """

    name: str
    uses: tuple[Use, ...]
    reader: str
    zero_shot: bool = False

    @property
    def read(self) -> Callable[..., Any]:
        """The reader, imported on first use."""
        module, function = self.reader.split(":")
        found: Callable[..., Any] = getattr(importlib.import_module(f"ml.datasets.{module}"), function)
        return found


FORMATS = (
    Format("catalogue", ("catalogue",), "catalogue:Catalogue"),
    Format("qmul-v1", ("pairs",), "qmul_v1:read_qmul_v1"),
    Format("qmul-v2", ("pairs",), "qmul_v2.reading:read_qmul_v2"),
    Format("sketchy", ("pairs", "drawings"), "sketchy.pairs:read_sketchy"),
    Format("sketchy-extended", ("pairs", "drawings"), "sketchy.extended:read_sketchy_extended"),
    Format(
        "sketchy-zero-shot", ("pairs", "drawings"), "sketchy.zero_shot:read_sketchy_zero_shot", zero_shot=True
    ),
    Format("tu-berlin", ("drawings",), "tu_berlin.drawings:read_tu_berlin"),
    Format("tu-berlin-extended", ("pairs", "drawings"), "tu_berlin.extended:read_tu_berlin_extended"),
    Format(
        "tu-berlin-zero-shot",
        ("pairs", "drawings"),
        "tu_berlin.zero_shot:read_tu_berlin_zero_shot",
        zero_shot=True,
    ),
    Format("quickdraw", ("drawings",), "quickdraw:quickdraw_dataset"),
    Format("sketch-rnn", ("drawings",), "sketch_rnn:read_sketch_rnn"),
    Format("snapshot", ("pairs",), "snapshot:read_snapshot"),
)


def names_of(*uses: Use) -> tuple[str, ...]:
    """Return the names of the formats with one of these uses, in the registry's order; of all formats by default."""
    return tuple(row.name for row in FORMATS if not uses or set(uses) & set(row.uses))


def find_format(name: str, *uses: Use) -> Format:
    """Return the row of a format with one of these uses. Raises ConfigError listing the formats that have one."""
    known = names_of(*uses)
    if name not in known:
        choices = ", ".join(known)
        raise ConfigError("--format", f"{name!r} is unknown or not supported here; expected one of {choices}")
    return next(row for row in FORMATS if row.name == name)


def open_dataset(
    format: str, root: Path, *, val: float | None = None, unseen: Path | None = None
) -> PairDataset:
    """Open the dataset in a folder, a zip, or a folder inside a zip (`pack.zip/qmul-v1/shoes`).

    val: the share of products outside the layout's test split to hold out for validation, in [0, 1); None takes the
    layout's default (a fifth of train for qmul, a tenth of all for sketchy). unseen: for zero-shot formats, a file that
    lists the categories to test on. Raises ConfigError on an unknown format, a catalogue, `val` out of range, or an
    unusable list, DatasetError if the folder has another layout.
    """
    found = find_format(format, "pairs", "drawings")
    options: dict[str, Any] = {}
    if val is not None:
        if not 0.0 <= val < 1.0:
            raise ConfigError("val", f"{val}, must be in [0, 1)")
        options["val"] = val
    if unseen is not None:
        if not found.zero_shot:
            formats = " and ".join(row.name for row in FORMATS if row.zero_shot)
            raise ConfigError("--unseen-file", f"applies only to {formats}")
        options["unseen"] = unseen
    dataset: PairDataset = found.read(open_files(root), **options)
    return dataset

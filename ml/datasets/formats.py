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
    catalogue takes the folder and returns a `Catalogue`.
    """

    name: str
    uses: tuple[Use, ...]
    reader: str

    @property
    def read(self) -> Callable[..., Any]:
        """The reader, imported on first use."""
        module, function = self.reader.split(":")
        found: Callable[..., Any] = getattr(importlib.import_module(f"ml.datasets.{module}"), function)
        return found


FORMATS = (
    Format("catalogue", ("catalogue",), "catalogue:Catalogue"),
    Format("qmul-v1", ("pairs",), "qmul_v1:read_qmul_v1"),
    Format("qmul-v2", ("pairs",), "qmul_v2:read_qmul_v2"),
    Format("sketchy", ("pairs", "drawings"), "sketchy:read_sketchy"),
    Format("tu-berlin", ("drawings",), "tu_berlin:read_tu_berlin"),
    Format("quickdraw", ("drawings",), "quickdraw:quickdraw_dataset"),
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


def open_dataset(format: str, root: Path, *, val: float | None = None) -> PairDataset:
    """Open the dataset in a folder, a zip, or a folder inside a zip (`pack.zip/qmul-v1/shoes`).

    val: the share of products outside the layout's test split to hold out for validation, in [0, 1); None takes the
    layout's default (a fifth of train for qmul, a tenth of all for sketchy). Raises ConfigError on an unknown format, a
    catalogue, or `val` out of range, DatasetError if the folder has another layout.
    """
    read = find_format(format, "pairs", "drawings").read
    if val is not None and not 0.0 <= val < 1.0:
        raise ConfigError("val", f"{val}, must be in [0, 1)")
    dataset: PairDataset = read(open_files(root)) if val is None else read(open_files(root), val)
    return dataset

"""Format name -> reader, and the one way to open a dataset."""

import importlib
from pathlib import Path

from ml.datasets.files import open_files
from ml.datasets.pairs import PairDataset
from ml.errors import ConfigError

READERS = {  # module and function: (files, validation share) -> PairDataset
    "qmul-v1": "ml.datasets.qmul_v1:read_qmul_v1",
    "qmul-v2": "ml.datasets.qmul_v2:read_qmul_v2",
    "sketchy": "ml.datasets.sketchy:read_sketchy",
    "tu-berlin": "ml.datasets.tu_berlin:read_tu_berlin",
    "quickdraw": "ml.datasets.quickdraw:quickdraw_dataset",
    "snapshot": "ml.datasets.snapshot:read_snapshot",
}


def open_dataset(format: str, root: Path, *, val: float | None = None) -> PairDataset:
    """The dataset in a folder, a zip, or a folder inside a zip (`pack.zip/qmul-v1/shoes`).

    `val` is the share of the products that the layout's own test split leaves, held out for validation; None takes
    the layout's default (a fifth of train for qmul, a tenth of all for sketchy). Raises ConfigError on an unknown
    format, DatasetError with one line saying what was expected and found.
    """
    if format not in READERS:
        raise ConfigError("--format", f"{format!r} is unknown; one of {', '.join(READERS)}")
    if val is not None and not 0.0 <= val < 1.0:
        raise ConfigError("val", f"{val}, must lie in [0, 1)")
    module, function = READERS[format].split(":")
    reader = getattr(importlib.import_module(module), function)
    dataset: PairDataset = reader(open_files(root)) if val is None else reader(open_files(root), val)
    return dataset

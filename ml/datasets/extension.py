"""Rows of the extended benchmarks, in which sketches search all photos of their category and are not tied to any."""

from collections.abc import Mapping

from ml.contracts.split import Split, split_shares
from ml.datasets.pairs import PhotoRow, SketchRow

_MOST = 0.2  # share of a category's sketches that may be queries


def photo_rows(category: str, files: Mapping[str, str], splits: Mapping[str, Split]) -> list[PhotoRow]:
    """Return a row for each photo of a category, from name -> file and name -> split."""
    return [PhotoRow(f"{category}/{key}", category, splits[key], name) for key, name in files.items()]


def sketch_rows(category: str, files: Mapping[str, str], splits: Mapping[str, Split]) -> list[SketchRow]:
    """Return a row without photo for each sketch of a category, from name -> file and name -> split."""
    return [SketchRow(f"{category}/{key}", category, splits[key], -1, name) for key, name in files.items()]


def query_rows(category: str, files: Mapping[str, str], queries: int, val: float) -> list[SketchRow]:
    """Return the rows of a category's sketches: `queries` for test, a share `val` of the others for validation.

    Test gets a fifth of the sketches at most.
    """
    n_test = min(queries, round(_MOST * len(files)))
    test = n_test / max(len(files), 1)
    return sketch_rows(category, files, split_shares(list(files), val=val * (1 - test), test=test))

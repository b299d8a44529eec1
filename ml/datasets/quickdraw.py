"""Format `quickdraw`: `<category>.ndjson` (simplified or raw) or `<category>.bin`, as published, in a folder or a zip.

Prefixes of downloads, such as `full_simplified_cat.ndjson`, are left out of the category. Split by drawing within each
category: 25 % test, 15 % validation, the rest train, in the order of the keys' hashes, which are equal in all three.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from ml.contracts.split import Split, split_shares
from ml.datasets.files import Files, open_files, stem
from ml.datasets.layout import wrong_layout
from ml.datasets.pairs import PairDataset
from ml.datasets.streams import QuickDrawSketch, StreamedDrawings
from ml.errors import DatasetError
from ml.sketch.formats.quickdraw import Drawing
from ml.sketch.strokes import Sketch

__all__ = ["QuickDrawDataset", "QuickDrawSketch", "quickdraw_dataset", "read_quickdraw", "read_sketch_pack"]

VAL, TEST = 0.15, 0.25
SUFFIX, BINARY = ".ndjson", ".bin"
TREE = """
    <category>.ndjson      simplified or raw, or
    <category>.bin         the binary form; in any subfolders
"""
_DOWNLOADED = re.compile(r"full_(simplified|raw|binary)_")


class QuickDrawDataset(StreamedDrawings):
    """QuickDraw's drawings. Raises DatasetError naming `field` if there is no file, or if a category is there twice."""

    def __init__(self, files: Files, val: float = VAL, *, field: str = "--root") -> None:
        self.val = val
        files_of = _by_category(files)
        if not files_of:
            raise DatasetError(field, wrong_layout(files, TREE).message)
        super().__init__(format="quickdraw", files=files, files_of=files_of)

    def stream(self, category: str) -> Iterator[Drawing]:
        """Yield the drawings of one category in the order of their rows, one in memory at a time."""
        for name in self._files_of[category]:
            yield from self.files.drawings(name, category)

    def splits(self, keys: list[str]) -> list[Split]:
        """Return the split of each drawing of one category, from all its keys."""
        splits = split_shares(keys, val=self.val, test=TEST)
        return [splits[key] for key in keys]


def read_quickdraw(root: Path) -> list[QuickDrawSketch]:
    """Return every drawing under `root`, sorted by file, then as in the file. Raises DatasetError if there is none."""
    dataset = QuickDrawDataset(open_files(root, "quickdraw"), field="quickdraw")
    return [one for category in dataset.row_order for one in dataset.read(category)]


def quickdraw_dataset(files: Files, val: float = VAL) -> PairDataset:
    """Open a folder or zip. Raises DatasetError if it has neither ndjson nor bin files, or both of a category."""
    return QuickDrawDataset(files, val)


def read_sketch_pack(root: Path, field: str) -> list[Sketch]:
    """Return every sketch of the `sketches.ndjson` files in a folder or zip with the layout of Chair-V2.

    Raises DatasetError naming `field` if there is none.
    """
    files = open_files(root, field)
    found = [
        drawing.sketch for name in _by_category(files).get("sketches", ()) for drawing in files.drawings(name)
    ]
    if not found:
        raise DatasetError(field, f"{root} has no sketches.ndjson")
    return found


def _by_category(files: Files) -> dict[str, list[str]]:
    """Return category -> its files, in the order of the rows."""
    found: dict[str, list[str]] = {}
    for name in sorted(files.walk(SUFFIX, BINARY)):
        found.setdefault(_DOWNLOADED.sub("", stem(name), count=1), []).append(name)
    for names in found.values():
        if len({name.endswith(BINARY) for name in names}) > 1:
            raise DatasetError(names[0], f"the same drawings are in {names[-1]}; keep one of them")
    return found

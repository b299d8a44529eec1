"""Format `quickdraw`: `<category>.ndjson` files in the public layout, simplified or raw, in a folder or a zip.

Split by drawing within each category: 25 % test, 15 % validation, the rest train, in the order of the keys' hashes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ml.contracts.split import Split, split_shares
from ml.datasets.files import Files, open_files, stem
from ml.datasets.pairs import PairDataset, SketchRow
from ml.errors import DatasetError
from ml.sketch.formats.quickdraw import Drawing
from ml.sketch.strokes import Sketch

VAL, TEST = 0.15, 0.25
SUFFIX = ".ndjson"


@dataclass(frozen=True)
class QuickDrawSketch:
    """One drawing: its name (category), key, split and strokes."""

    name: str
    key_id: str
    split: Split
    sketch: Sketch


class QuickDrawDataset(PairDataset):
    """The drawings as rows without photos, for recognition and sketch-to-sketch retrieval.

    Rows and strokes are read on first access. `stream` reads drawings one at a time instead, in constant memory, as
    `ml.datasets.stroke_shards` does. Raises DatasetError naming `field` if there is no ndjson file.
    """

    def __init__(self, files: Files, val: float = VAL, *, field: str = "--root") -> None:
        self.val = val
        self._files_of = _by_category(files)
        if not self._files_of:
            raise DatasetError(field, f"expected <category>{SUFFIX} files, found {files.found()}")
        super().__init__(format="quickdraw", files=files, photos=(), sketches=())
        del self.sketches, self._drawings

    def __getattr__(self, name: str) -> object:
        if name not in ("sketches", "_drawings"):
            raise AttributeError(name)
        found = [one for category in self._files_of for one in self.read(category)]
        self.sketches = tuple(SketchRow(f"{one.name}/{one.key_id}", one.name, one.split, -1) for one in found)
        self._drawings = tuple(one.sketch for one in found)
        return self.__dict__[name]

    @cached_property
    def categories(self) -> tuple[str, ...]:
        """Names of the categories, from the names of the files, sorted."""
        return tuple(sorted(self._files_of))

    @cached_property
    def file_names(self) -> tuple[str, ...]:
        """Names of the files that the dataset consists of, sorted."""
        return tuple(sorted(name for names in self._files_of.values() for name in names))

    def stream(self, category: str) -> Iterator[Drawing]:
        """Yield the drawings of one category in the order of their rows, one in memory at a time."""
        for name in self._files_of[category]:
            yield from self.files.drawings(name)

    def splits(self, keys: list[str]) -> list[Split]:
        """Return the split of each drawing of one category, from all its keys."""
        splits = split_shares(keys, val=self.val, test=TEST)
        return [splits[key] for key in keys]

    @property
    def row_order(self) -> tuple[str, ...]:
        """Categories in the order of the rows."""
        return tuple(self._files_of)

    def read(self, category: str) -> list[QuickDrawSketch]:
        """Return all drawings of one category."""
        drawings = list(self.stream(category))
        splits = self.splits([drawing.key_id for drawing in drawings])
        return [
            QuickDrawSketch(category, d.key_id, split, d.sketch)
            for d, split in zip(drawings, splits, strict=True)
        ]


def read_quickdraw(root: Path) -> list[QuickDrawSketch]:
    """Return every drawing under `root`, sorted by file, then as in the file. Raises DatasetError if there is none."""
    dataset = QuickDrawDataset(open_files(root, "quickdraw"), field="quickdraw")
    return [one for category in dataset.row_order for one in dataset.read(category)]


def quickdraw_dataset(files: Files, val: float = VAL) -> PairDataset:
    """Open a folder or zip. Raises DatasetError if it has no ndjson file."""
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
    for name in sorted(files.walk(SUFFIX)):
        found.setdefault(stem(name), []).append(name)
    return found

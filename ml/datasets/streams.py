"""Datasets of any number of drawings, read as a stream: one file per category, without photos."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from ml.contracts.split import Split
from ml.datasets.files import Files
from ml.datasets.pairs import PairDataset, SketchRow
from ml.sketch.formats.quickdraw import Drawing
from ml.sketch.strokes import Sketch


@dataclass(frozen=True)
class QuickDrawSketch:
    """One drawing: its name (category), key, split and strokes."""

    name: str
    key_id: str
    split: Split
    sketch: Sketch


class StreamedDrawings(PairDataset):
    """The drawings as rows without photos, for recognition and sketch-to-sketch retrieval.

    Rows and strokes are read on first access. `stream` reads drawings one at a time instead, in constant memory, as
    `ml.datasets.stroke_shards` does. Subclasses define `stream` and `splits`. files_of: category -> its files, in the
    order of the rows.
    """

    def __init__(self, *, format: str, files: Files, files_of: Mapping[str, Sequence[str]]) -> None:
        self._files_of = files_of
        super().__init__(format=format, files=files, photos=(), sketches=())
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
        """Yield the drawings of one category in the order of their rows."""
        raise NotImplementedError

    def splits(self, keys: list[str]) -> list[Split]:
        """Return the split of each drawing of one category, from all its keys."""
        raise NotImplementedError

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

    def keys(self, category: str) -> list[str]:
        """Return the keys of one category's drawings, with one drawing in memory."""
        return [drawing.key_id for drawing in self.stream(category)]

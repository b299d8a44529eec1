"""Format `sketch-rnn`: QuickDraw's `<category>.npz` or `<category>.full.npz` as published for sketch-rnn.

Each file has the parts train, valid and test, 70,000, 2,500 and 2,500 drawings, or all in the `.full` ones, as arrays of
stroke-3 offsets. These parts are the splits. Drawings have no keys; ours are part and number. The arrays are pickled
inside the files; nothing in them is run. Source: Ha and Eck, *A Neural Representation of Sketch Drawings* (2017).
"""

import re
from collections.abc import Iterator

from ml.contracts.split import Split
from ml.datasets.files import Files, stem
from ml.datasets.layout import wrong_layout
from ml.datasets.pairs import PairDataset
from ml.datasets.streams import StreamedDrawings
from ml.errors import DatasetError
from ml.sketch.formats.quickdraw import Drawing
from ml.sketch.formats.sketch_rnn import PARTS, read_part

TREE = """
    <category>.npz         or <category>.full.npz, each with train, valid and test; in any subfolders
"""
_SPLITS: dict[str, Split] = {"train": "train", "valid": "val", "test": "test"}
_DOWNLOADED = re.compile(r"^sketchrnn_|\.full$")


class SketchRnnDataset(StreamedDrawings):
    """The drawings, with one file in memory at a time. Raises DatasetError if there is none, or a category twice."""

    def __init__(self, files: Files) -> None:
        files_of: dict[str, list[str]] = {}
        for name in sorted(files.walk(".npz")):
            files_of.setdefault(_DOWNLOADED.sub("", stem(name)), []).append(name)
        if not files_of:
            raise wrong_layout(files, TREE)
        for names in files_of.values():
            if len(names) > 1:
                raise DatasetError(names[0], f"the same drawings are in {names[1]}; keep one of them")
        super().__init__(format="sketch-rnn", files=files, files_of=files_of)

    def stream(self, category: str) -> Iterator[Drawing]:
        """Yield the drawings of one category in the order of their rows."""
        (name,) = self._files_of[category]
        data = self.files.read(name)
        for part in PARTS:
            for number, sketch in enumerate(read_part(data, part, field=name)):
                yield Drawing(sketch, f"{part}-{number}", category)

    def splits(self, keys: list[str]) -> list[Split]:
        """Return the split of each drawing, from its key."""
        return [_SPLITS[key.partition("-")[0]] for key in keys]


def read_sketch_rnn(files: Files, val: float = 0.0) -> PairDataset:
    """Open a folder or zip. `val` is ignored: the files have a validation part. Raises DatasetError without a file."""
    return SketchRnnDataset(files)

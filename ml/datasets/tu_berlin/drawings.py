"""Format `tu-berlin`: `<category>/*.png` or `*.svg` (with strokes), without photos.

    png/<category>/<n>.png       png/filelist.txt: optional; what it lists must be there
    svg/<category>/<n>.svg       preferred if both are there

The categories may also be directly in the folder. Split by sketch within each category: 25 % test, 15 % validation, in
the order of the names' hashes, the same for both file types; the authors' cross-validation has no fixed split. Source:
Eitz et al., *How Do Humans Sketch Objects?* (SIGGRAPH 2012).
"""

from ml.contracts.split import split_shares
from ml.datasets.extension import sketch_rows
from ml.datasets.files import Files
from ml.datasets.pairs import PairDataset, SketchRow
from ml.datasets.tu_berlin.folders import tu_berlin_folders

VAL, TEST = 0.15, 0.25


def read_tu_berlin(files: Files, val: float = VAL) -> PairDataset:
    """Read the sketches; `val` is the share of each category held out for validation.

    Raises DatasetError on a folder of another layout or a sketch that is listed but missing.
    """
    folders = tu_berlin_folders(files)
    sketches: list[SketchRow] = []
    for category, of_name in folders.sketches.items():
        sketches += sketch_rows(category, of_name, split_shares(list(of_name), val=val, test=TEST))
    return PairDataset(
        format="tu-berlin", files=folders.files, photos=(), sketches=sketches, sources=folders.lists
    )

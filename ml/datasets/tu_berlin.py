"""Format `tu-berlin`: `<category>/*.png` or `*.svg` (with strokes), without photos.

Split by sketch within each category: 25 % test, 15 % validation, in the order of the names' hashes, the same for both
file types. Source: Eitz et al., *How Do Humans Sketch Objects?* (SIGGRAPH 2012).
"""

from ml.contracts.split import split_shares
from ml.datasets.files import Files, stem
from ml.datasets.pairs import PairDataset, SketchRow
from ml.errors import DatasetError

VAL, TEST = 0.15, 0.25
SUFFIXES = (".svg", ".png")  # strokes are preferred if both exist


def read_tu_berlin(files: Files, val: float = VAL) -> PairDataset:
    """Read the sketches; `val` is the share of each category held out for validation.

    Raises DatasetError on a folder of another layout.
    """
    sketches: list[SketchRow] = []
    for category in files.folders():
        of_key = {stem(name): name for suffix in reversed(SUFFIXES) for name in files.files(category, suffix)}
        splits = split_shares(list(of_key), val=val, test=TEST)
        for key, name in of_key.items():
            sketches.append(SketchRow(f"{category}/{key}", category, splits[key], -1, name))
    if not sketches:
        inside = files.folders()
        if len(inside) == 1:  # published archives have a single png/ or svg/
            return read_tu_berlin(files.below(inside[0]), val)
        raise DatasetError("--root", f"expected <category>/*.png or *.svg, found {files.found()}")
    return PairDataset(format="tu-berlin", files=files, photos=(), sketches=sketches)

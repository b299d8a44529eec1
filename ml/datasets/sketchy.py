"""Format `sketchy`: the Sketchy database, `photo/<category>/<photo>.jpg` and `sketch/<category>/<photo>-<n>.png`.

Each photo has several sketches, drawn from memory. No split of instances was published. Ours is by photo within each
category: 20 % test, 10 % validation, in the order of the names' hashes. Source: Sangkloy et al., *The Sketchy
Database* (SIGGRAPH 2016).
"""

from ml.contracts.split import split_shares
from ml.datasets.files import Files, stem
from ml.datasets.pairs import PairDataset, PhotoRow, SketchRow
from ml.datasets.qmul_v1 import IMAGES
from ml.errors import DatasetError

VAL, TEST = 0.1, 0.2


def read_sketchy(files: Files, val: float = VAL) -> PairDataset:
    """Read the database; `val` is the share of each category's photos held out for validation.

    Raises DatasetError on a folder of another layout or a sketch whose photo is missing.
    """
    files = files.holding("photo", "sketch")
    photos: list[PhotoRow] = []
    sketches: list[SketchRow] = []
    for category in files.folders("photo"):
        row_of: dict[str, int] = {}
        files_of = {stem(name): name for name in files.files(f"photo/{category}", *IMAGES)}
        splits = split_shares(list(files_of), val=val, test=TEST)
        for key, name in files_of.items():
            row_of[key] = len(photos)
            photos.append(PhotoRow(f"{category}/{key}", category, splits[key], name))
        for name in files.files(f"sketch/{category}", *IMAGES):
            photo = stem(name).rpartition("-")[0]
            if photo not in row_of:
                raise DatasetError(name, f"its photo {photo!r} is missing in photo/{category}")
            row = row_of[photo]
            sketches.append(SketchRow(f"{category}/{stem(name)}", category, photos[row].split, row, name))
    if not photos or not sketches:
        raise DatasetError(
            "--root", f"expected photo/<category>/*.jpg and sketch/<category>/*.png, found {files.found()}"
        )
    return PairDataset(format="sketchy", files=files, photos=photos, sketches=sketches)

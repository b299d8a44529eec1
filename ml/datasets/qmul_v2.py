"""Format `qmul-v2`: Chair-V2 and Shoe-V2 with strokes.

    {train,test}/photos/<photo>.jpg      {train,test}/sketches.ndjson

A line of sketches.ndjson: {"key_id", "photo", "word", "drawing": [[[x...], [y...]], ...]}; several sketches per photo.
Official test split if present; validation by photo, from train. The category is the sketches' word, or the folder's
name if they have none.
"""

from ml.contracts.split import split_of
from ml.datasets.files import Files, stem
from ml.datasets.pairs import PairDataset, PhotoRow, SketchRow
from ml.datasets.qmul_v1 import IMAGES, OFFICIAL, VAL
from ml.errors import DatasetError
from ml.sketch.strokes import Sketch


def read_qmul_v2(files: Files, val: float = VAL) -> PairDataset:
    """Read a folder; `val` is the share of train photos held out for validation.

    Raises DatasetError on a folder of another layout or a sketch whose photo is missing.
    """
    files = files.holding(*OFFICIAL)
    photos: list[PhotoRow] = []
    sketches: list[SketchRow] = []
    drawings: list[Sketch] = []
    sources = {
        official: name
        for official in OFFICIAL
        for name in files.files(official, ".ndjson")
        if name == f"{official}/sketches.ndjson"
    }
    if not sources:
        raise DatasetError(
            "--root",
            f"expected train/ with photos/ and sketches.ndjson, and optionally test/, found {files.found()}",
        )
    for official, source in sources.items():
        lines = list(files.drawings(source))
        words = sorted({line.word for line in lines})
        if len(words) != 1:
            raise DatasetError(source, f"expected one word, the category, on every line, found {words}")
        category = words[0] or files.root.resolve().name
        row_of: dict[str, int] = {}
        for name in files.files(f"{official}/photos", *IMAGES):
            key = stem(name)
            split = split_of(key, val=val, test=0.0) if official == "train" else official
            row_of[key] = len(photos)
            photos.append(PhotoRow(key, category, split, name))
        for number, line in enumerate(lines, start=1):
            key = stem(str(line.fields.get("photo", "")))
            if key not in row_of:
                raise DatasetError(f"{source}:{number}", f"its photo {key!r} is missing in {official}/photos")
            row = row_of[key]
            sketches.append(SketchRow(line.key_id, category, photos[row].split, row))
            drawings.append(line.sketch)
    return PairDataset(
        format="qmul-v2",
        files=files,
        photos=photos,
        sketches=sketches,
        drawings=drawings,
        sources=sources.values(),
    )

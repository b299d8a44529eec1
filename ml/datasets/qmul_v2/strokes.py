"""Shoe-V2 and Chair-V2 with strokes in QuickDraw's form: `{train,test}/photos/` and `{train,test}/sketches.ndjson`."""

from ml.contracts.split import Split, split_of
from ml.datasets.files import Files, stem
from ml.datasets.pairs import PairDataset, PhotoRow, SketchRow
from ml.datasets.qmul_v1 import IMAGES, OFFICIAL
from ml.errors import DatasetError
from ml.sketch.strokes import Sketch


def stroke_files(files: Files) -> dict[Split, str]:
    """Return official split -> its sketches.ndjson, for the splits that have one."""
    return {
        official: f"{official}/sketches.ndjson"
        for official in OFFICIAL
        if f"{official}/sketches.ndjson" in files.files(official, ".ndjson")
    }


def read_strokes(files: Files, val: float) -> PairDataset:
    """Read a folder that `stroke_files` found; `val` is the share of train photos held out for validation.

    Raises DatasetError on a sketch whose photo is missing, or lines of several categories.
    """
    photos: list[PhotoRow] = []
    sketches: list[SketchRow] = []
    drawings: list[Sketch] = []
    sources = stroke_files(files)
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

"""Format `qmul-v1`: Shoe-V1 and Chair-V1 (*Sketch Me That Shoe*), one category's folder.

    {train,test}/images/N.jpg  edges/N.png  sketches/N.png      annotation/<category>_annotation.json

Sketch N was drawn from photo N. `images/` or `annotation/` may be absent: then edge maps and true pairs are used. For
each split, the annotation holds the file names of photos and sketches and, for each sketch, [nearer, farther] pairs of
positions among the photos; train pairs are single votes, three per pair. Official test split; validation by product.
"""

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.contracts.split import Split, split_of
from ml.datasets.files import Files, stem
from ml.datasets.pairs import PairDataset, PhotoRow, SketchRow
from ml.errors import DatasetError

VAL = 0.2
OFFICIAL: tuple[Split, ...] = ("train", "test")
IMAGES = (".jpg", ".jpeg", ".png", ".webp")


def read_qmul_v1(files: Files, val: float = VAL) -> PairDataset:
    """Read one category's folder; `val` is the share of train products held out for validation.

    Raises DatasetError on a folder of another layout, a sketch without its photo, or a broken annotation.
    """
    files = files.holding(*OFFICIAL)
    category = files.root.resolve().name.removesuffix(".zip")
    photos: list[PhotoRow] = []
    sketches: list[SketchRow] = []
    rows: dict[tuple[Split, str], tuple[int, int]] = {}  # (official split, N) -> photo row, sketch row
    for official in OFFICIAL:
        images, edges, drawn = (
            {stem(name): name for name in files.files(f"{official}/{folder}", *IMAGES)}
            for folder in ("images", "edges", "sketches")
        )
        if not drawn or not (images or edges):
            raise DatasetError(
                "--root",
                "expected one category's folder with train/ and test/, each with sketches/ and images/ or edges/, "
                f"found {files.found()}",
            )
        for key in images or edges:
            split = split_of(key, val=val, test=0.0) if official == "train" else official
            if key in drawn:
                rows[official, key] = len(photos), len(sketches)
                sketches.append(SketchRow(key, category, split, len(photos), drawn.pop(key)))
            photos.append(PhotoRow(key, category, split, images.get(key, ""), edges.get(key, "")))
        if drawn:
            raise DatasetError(
                next(iter(drawn.values())), "expected a photo or edge map with the same number, found none"
            )
    annotation = files.files("annotation", "_annotation.json")
    votes = _votes(files, annotation[0], rows) if annotation else None
    return PairDataset(
        format="qmul-v1", files=files, photos=photos, sketches=sketches, votes=votes, sources=annotation[:1]
    )


def _votes(files: Files, name: str, rows: dict[tuple[Split, str], tuple[int, int]]) -> NDArray[np.int32]:
    try:
        annotation: dict[str, Any] = json.loads(files.read(name))
        votes: list[tuple[int, int, int]] = []
        for official in OFFICIAL:
            part = annotation[official]
            photo = [rows[official, stem(image)][0] for image in part["images"]]
            for sketch, pairs in zip(part["sketches"], part["triplets"], strict=True):
                row = rows[official, stem(sketch)][1]
                votes += [(row, photo[nearer], photo[farther]) for nearer, farther in pairs]
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise DatasetError(
            name,
            f"expected {{split: {{images, sketches, triplets}}}} of existing files, found {error!r}",
        ) from error
    return np.array(votes, dtype=np.int32).reshape(-1, 3)

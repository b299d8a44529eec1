"""Read the human triplet annotation of Shoe-V1 and Chair-V1 (*Sketch Me That Shoe*) from one category's folder.

    {train,test}/images/N.jpg  {train,test}/sketches/N.png  annotation/<category>_annotation.json

The train part holds the annotators' raw votes, three complete rounds of each sketch's 45 pairs; the test part one
merged judgement per pair. This is research data: it is read in place and never shipped.
"""

from __future__ import annotations

import json
import zipfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ml.errors import DatasetError

AnyPath = Path | zipfile.Path


@dataclass(frozen=True, slots=True)
class JudgedPair:
    """One vote: which of two photos, by position in `Annotation.photos`, is nearer to the sketch.

    round: how often the pair was judged before (0, 1 or 2).
    """

    nearer: int
    farther: int
    round: int


@dataclass(frozen=True, slots=True)
class Annotation:
    """One split of one category. photos, sketches: files, sketch i drawn from photo i. votes: a list per sketch."""

    category: str
    split: str
    photos: list[AnyPath]
    sketches: list[AnyPath]
    votes: list[list[JudgedPair]]


def qmul_v1_annotation(root: Path, split: str) -> Annotation:
    """Read one split of the category at `root`, a folder or `PACK.zip/folder/in/it`.

    Raises DatasetError naming the missing or invalid file.
    """
    place = open_root(root)
    category = place.name.removesuffix(".zip")
    found = sorted(
        (path for path in _entries(place / "annotation") if path.name.endswith("_annotation.json")), key=str
    )
    if not found:
        raise DatasetError("--root", f"expected annotation/<category>_annotation.json in {root}")
    name = found[0].name
    try:
        part: dict[str, Any] = json.loads(found[0].read_bytes())[split]
        photos = [_picture(place / split / "images", image) for image in part["images"]]
        sketches = [_picture(place / split / "sketches", sketch) for sketch in part["sketches"]]
        votes = [_rounds(pairs, len(photos)) for pairs in part["triplets"]]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise DatasetError(
            name, f"expected {{split: {{images, sketches, triplets}}}}, found {error!r}"
        ) from error
    if not len(votes) == len(sketches) == len(photos):
        raise DatasetError(name, f"{split}: expected equal numbers of photos, sketches and lists of triplets")
    return Annotation(category, split, photos, sketches, votes)


def open_root(root: Path) -> AnyPath:
    """Return a folder, or one inside a zip: the part of the path after `.zip` is a path in the archive."""
    for parent in (root, *root.parents):
        if parent.suffix == ".zip" and parent.is_file():
            inside = root.relative_to(parent).as_posix()
            return zipfile.Path(zipfile.ZipFile(parent), "" if inside == "." else f"{inside}/")
    return root


def _entries(place: AnyPath) -> list[AnyPath]:
    return list(place.iterdir()) if place.is_dir() else []


def _picture(folder: AnyPath, name: object) -> AnyPath:
    """Return a file's path. Raises ValueError for a name that leads out of the folder."""
    text = str(name)
    path = folder / text
    if (
        text in {"", "..", "."}
        or "/" in text
        or "\0" in text
        or (isinstance(path, Path) and path.is_symlink())
    ):
        raise ValueError(f"{text!r} is not a file in {folder.name}")
    return path


def _rounds(pairs: list[list[int]], n_photos: int) -> list[JudgedPair]:
    seen: Counter[frozenset[int]] = Counter()
    votes = []
    for nearer, farther in pairs:
        if not (0 <= nearer < n_photos and 0 <= farther < n_photos and nearer != farther):
            raise ValueError(f"pair {nearer}, {farther} of {n_photos} photos")
        pair = frozenset((nearer, farther))
        votes.append(JudgedPair(nearer, farther, seen[pair]))
        seen[pair] += 1
    return votes

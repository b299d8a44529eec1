"""Shoe-V2 and Chair-V2 as released and as commonly converted: photos, and sketches in lists, a pickle or folders."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np
from numpy.typing import NDArray

from ml.contracts.split import Split, split_of
from ml.datasets.files import Files, stem
from ml.datasets.pairs import PairDataset, PhotoRow, SketchRow
from ml.datasets.qmul_v1 import IMAGES, OFFICIAL
from ml.errors import DatasetError, SketchError
from ml.sketch.formats.coordinates import read_coordinates, sketch_from_coordinates
from ml.sketch.strokes import Sketch

_PHOTOS = re.compile(r"^(?:(?P<name>\w+)_)?photos?$", re.IGNORECASE)
_SKETCHES = re.compile(r"^(?:\w+_)?sketch(?:es)?(?:_svg|_png)?$", re.IGNORECASE)
_COORDINATES = re.compile(r"^(?P<name>\w+)_Coordinate(?:s)?(?:\.(?:npy|pkl|pickle))?$", re.IGNORECASE)


@dataclass(frozen=True)
class Drawn:
    """A sketch: its official split and key, `<photo>_<n>`; its file, or "" if its strokes are in `coordinates`."""

    official: Split
    key: str
    file: str = ""

    @property
    def photo(self) -> str:
        """Name of the photo that it was drawn from."""
        return self.key.rpartition("_")[0]


@dataclass(frozen=True)
class Released:
    """What was found in a folder. photos: name -> file. coordinates: rows (x, y, lifted) of each sketch, if in a pickle.

    listed: official split of the photos, where lists or folders state it.
    """

    files: Files
    category: str
    photos: Mapping[str, str]
    listed: Mapping[str, Split]
    drawn: Sequence[Drawn]
    coordinates: Sequence[NDArray[np.float32]] = ()
    sources: Sequence[str] = ()


def find_released(files: Files) -> Released | None:
    """Return what a folder holds, None if it has another layout. Raises DatasetError on a broken list or pickle."""
    for here in _unwrapped(files):
        folders = here.folders()
        photo = next((name for name in folders if _PHOTOS.match(name)), None)
        pickled = next((name for name in here.files() if _COORDINATES.match(name)), None)
        lists = [f"{kind}_{official}.txt" for kind in ("photo", "sketch") for official in OFFICIAL]
        if photo is not None and pickled is not None:
            return _of_pickle(here, photo, pickled)
        if photo is not None and set(lists) <= set(here.files()):
            return _of_lists(here, photo, lists)
        if {"trainA", "trainB"} <= set(folders):
            return _of_folders(here)
    return None


def read_released(found: Released, val: float) -> PairDataset:
    """Return the dataset; `val` is the share of train photos held out for validation.

    Raises DatasetError on a sketch whose photo is missing or in another split.
    """
    officials = dict(found.listed)
    for one in found.drawn:
        if one.photo not in found.photos:
            raise DatasetError(
                one.file or one.key, f"its photo {one.photo!r} is missing in {found.files.root}"
            )
        if officials.setdefault(one.photo, one.official) != one.official:
            raise DatasetError(
                one.file or one.key, f"is in {one.official}, its photo in {officials[one.photo]}"
            )
    photos: list[PhotoRow] = []
    row_of: dict[str, int] = {}
    for key, name in found.photos.items():
        official = officials.get(key, "train")
        split = split_of(key, val=val, test=0.0) if official == "train" else official
        row_of[key] = len(photos)
        photos.append(PhotoRow(key, found.category, split, name))
    sketches = [
        SketchRow(one.key, found.category, photos[row_of[one.photo]].split, row_of[one.photo], one.file)
        for one in found.drawn
    ]
    keys = [one.key for one in found.drawn]
    return PairDataset(
        format="qmul-v2",
        files=found.files,
        photos=photos,
        sketches=sketches,
        drawings=_Strokes(found.coordinates, keys) if found.coordinates else (),
        sources=found.sources,
    )


class _Strokes(Sequence[Sketch]):
    """Sketches made from their rows on access; rows take a sixth of the memory."""

    def __init__(self, rows: Sequence[NDArray[np.float32]], keys: Sequence[str]) -> None:
        self._rows = rows
        self._keys = keys

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, index: int) -> Sketch: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Sketch]: ...
    def __getitem__(self, index: int | slice) -> Sketch | Sequence[Sketch]:
        if isinstance(index, slice):
            return _Strokes(self._rows[index], self._keys[index])
        return sketch_from_coordinates(self._rows[index], field=self._keys[index])


def _of_pickle(files: Files, photo: str, pickled: str) -> Released:
    try:
        content = read_coordinates(files.read(pickled), field=pickled)
    except SketchError as error:
        raise DatasetError(error.field, error.message) from error
    drawn = [_pickled(key, pickled) for key in content]
    match = _COORDINATES.match(pickled)
    return Released(
        files=files,
        category=_category(match["name"] if match else "", files),
        photos=_photos(files, photo),
        listed={},
        drawn=drawn,
        coordinates=list(content.values()),
        sources=[pickled],
    )


def _pickled(key: str, pickled: str) -> Drawn:
    *folders, name = key.split("/")
    official = next((split for split in OFFICIAL if split in folders), None)
    if official is None or "_" not in name:
        raise DatasetError(f"{pickled}[{key[:80]!r}]", "expected train/<photo>_<n> or test/<photo>_<n>")
    return Drawn(official, name)


def _of_lists(files: Files, photo: str, lists: Sequence[str]) -> Released:
    drawn_files: dict[str, str] = {}
    for folder in files.folders():
        if _SKETCHES.match(folder):
            for name in files.files(folder, *IMAGES, ".svg"):
                if name.endswith(".svg") or stem(name) not in drawn_files:  # strokes are preferred
                    drawn_files[stem(name)] = name
    photos = _photos(files, photo)
    listed: dict[str, Split] = {}
    drawn: list[Drawn] = []
    for official in OFFICIAL:
        for where, key in _lines(files, f"photo_{official}.txt"):
            if key not in photos:
                raise DatasetError(where, f"the photo {key!r} is missing in {photo}/")
            listed[key] = official
        for where, key in _lines(files, f"sketch_{official}.txt"):
            if key not in drawn_files:
                raise DatasetError(where, f"the sketch {key!r} is missing in the folder of sketches")
            drawn.append(Drawn(official, key, drawn_files[key]))
    match = _PHOTOS.match(photo)
    return Released(
        files=files,
        category=_category((match["name"] or "") if match else "", files),
        photos={key: photos[key] for key in photos if key in listed},
        listed=listed,
        drawn=drawn,
        sources=lists,
    )


def _of_folders(files: Files) -> Released:
    photos: dict[str, str] = {}
    listed: dict[str, Split] = {}
    drawn: list[Drawn] = []
    for official in OFFICIAL:
        shown = _photos(files, f"{official}B")
        photos |= shown
        listed |= dict.fromkeys(shown, official)
        drawn += [Drawn(official, stem(name), name) for name in files.files(f"{official}A", *IMAGES, ".svg")]
    return Released(files, _category("", files), photos, listed, drawn)


def _lines(files: Files, name: str) -> Iterator[tuple[str, str]]:
    """Yield the place and the file name, without suffix, of each line of a list."""
    for number, line in enumerate(files.read(name).decode("utf-8", "replace").splitlines(), start=1):
        if line.strip():
            yield f"{name}:{number}", stem(line.strip())


def _photos(files: Files, folder: str) -> dict[str, str]:
    return {stem(name): name for name in files.files(folder, *IMAGES)}


def _category(name: str, files: Files) -> str:
    """Return `shoe` or `chair` if it is in `name`, such as `ShoeV2`, or in that of the folder; or else the latter."""
    folder = files.root.resolve().name.removesuffix(".zip")
    for text in (name, folder):
        for known in ("shoe", "chair"):
            if known in text.lower():
                return known
    return folder


def _unwrapped(files: Files) -> Iterator[Files]:
    """Yield the root, then the folders inside that are the only entry."""
    here = files
    yield here
    while len(here.folders()) == 1 and not here.files():
        here = here.below(here.folders()[0])
        yield here

"""How often photos are taken for drawings and drawings for photos, on released photos and sketches.

Photos are enlarged to the size to which uploads are reduced: at 256 pixels they have too little detail to be mistaken. Of
each kind a few pictures are looked at, and a hundred if one of them is mistaken. If 3 in 100 photos were mistaken, one of
the first 84 would be with a probability of 92 %.
"""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from ml.sketch.kind import looks_like_sketch
from ml.sketch.raster import RasterSpec, rasterise
from ml.sketch.strokes import Sketch, sketch_from_xy
from ml.sketch.trace import trace
from tests.support.paper import KINDS, agreement, photographed

N = 100  # of each kind, if one of the first is mistaken
FEW_PHOTOS, FEW_DRAWINGS = 14, 5  # looked at first
MOST_PHOTOS, MOST_DRAWINGS = 0.01, 0.03  # share that may be mistaken
DEMO = Path(__file__).parents[3] / "webapp/catalog/demo/data/photos"
REDUCED_PX = 1024
real_data = pytest.mark.real_data


def _some(names: list[str]) -> list[str]:
    order = np.random.default_rng(0).permutation(len(names))[:N]
    return [sorted(names)[place] for place in order]


def _uploaded(file: io.BytesIO | Path) -> NDArray[np.uint8]:
    """A shop's photo, reduced as uploads are."""
    image = Image.open(file).convert("RGB")
    scale = REDUCED_PX / max(image.size)
    size = round(image.width * scale), round(image.height * scale)
    return np.array(image.resize(size, Image.Resampling.LANCZOS))


def _packed(pack: str, folder: str, kind: str) -> Iterator[NDArray[np.uint8]]:
    with zipfile.ZipFile(Path(os.environ["SKETCHFIND_DATA"]) / pack) as archive:
        names = [name for name in archive.namelist() if folder in name and name.endswith(kind)]
        for name in _some(names):
            yield _uploaded(io.BytesIO(archive.read(name)))


def _doodles() -> list[Sketch]:
    """One drawing of each of N names of QuickDraw."""
    with zipfile.ZipFile(Path(os.environ["SKETCHFIND_DATA"]) / "quickdraw-345x180.zip") as archive:
        names = _some([name for name in archive.namelist() if name.endswith(".ndjson")])
        rows = [json.loads(archive.read(name).splitlines()[7]) for name in names]
    return [sketch_from_xy([np.stack(s[:2], axis=1) for s in row["drawing"]], 256, 256) for row in rows]


def _mistaken(what: str, pictures: Iterator[NDArray[np.uint8]], *, drawn: bool) -> float:
    """Return the share of the first pictures that are mistaken; if any is, the share of all."""
    wrong = [
        looks_like_sketch(picture) is not drawn
        for picture in islice(pictures, FEW_DRAWINGS if drawn else FEW_PHOTOS)
    ]
    if any(wrong):
        wrong += [looks_like_sketch(picture) is not drawn for picture in pictures]
    print(f"{what}: {sum(wrong)} of {len(wrong)} mistaken")
    return float(np.mean(wrong))


def test_photos_of_the_demo_are_not_taken_for_sketches() -> None:
    photos = (_uploaded(DEMO / name) for name in _some([file.name for file in DEMO.iterdir()]))
    assert _mistaken("demo", photos, drawn=False) <= MOST_PHOTOS


@real_data
@pytest.mark.parametrize(
    ("pack", "folder"),
    [
        ("qmul-v1.zip", "/chairs/"),
        ("qmul-v1.zip", "/shoes/"),
        ("qmul-chairv2-train.zip", "/photos/"),
        ("shoev2-photos.zip", ""),
        ("sketchy-125-subset.zip", "/photo/"),
    ],
)
def test_photos_are_not_taken_for_sketches(pack: str, folder: str) -> None:
    assert _mistaken(pack + folder, _packed(pack, folder, ".jpg"), drawn=False) <= MOST_PHOTOS


@real_data
@pytest.mark.parametrize(
    ("pack", "folder"),
    [
        ("qmul-v1.zip", "chairs/test/sketches/"),
        ("qmul-v1.zip", "shoes/test/sketches/"),
        ("sketchy-125-subset.zip", "/sketch/"),
    ],
)
def test_scanned_sketches_are_taken_for_sketches(pack: str, folder: str) -> None:
    assert _mistaken(pack + folder, _packed(pack, folder, ".png"), drawn=True) <= MOST_DRAWINGS


@real_data
@pytest.mark.parametrize("is_light", [False, True])
def test_doodles_are_taken_for_sketches(is_light: bool) -> None:
    def pictures() -> Iterator[NDArray[np.uint8]]:
        for number, sketch in enumerate(_doodles()):
            spec = RasterSpec(size=800, stroke_width_px=(4, 8, 16)[number % 3], squareness=0, margin=0.1)
            grey = np.repeat(rasterise(sketch, spec)[..., None], 3, axis=2)
            yield 255 - grey if is_light else grey

    what = "doodles, light ink" if is_light else "doodles"
    assert _mistaken(what, pictures(), drawn=True) <= MOST_DRAWINGS


@real_data
def test_doodles_on_paper_are_taken_for_sketches_and_traced() -> None:
    kinds = list(KINDS.values())
    photos = (
        photographed(sketch, kinds[number % len(kinds)], number) for number, sketch in enumerate(_doodles())
    )
    first = list(islice(photos, FEW_DRAWINGS))
    pictures = (photo for photo, _ in chain(first, photos))
    assert _mistaken("doodles on paper", pictures, drawn=True) <= MOST_DRAWINGS
    found, true = np.mean([agreement(trace(photo), lines) for photo, lines in first], axis=0)
    print(f"doodles on paper: {found:.1%} of the lines found, {true:.1%} of those found are true")
    assert found > 0.97
    assert true > 0.97

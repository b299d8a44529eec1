"""How often photos are taken for drawings and drawings for photos, on released photos and sketches.

Photos are enlarged to the size that shops use: at 256 pixels they have too little detail to be mistaken.
"""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Iterator
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

N = 100  # of each kind
DEMO = Path(__file__).parents[3] / "webapp/catalog/demo/data/photos"
UPLOADED_PX, REDUCED_PX = 1200, 1024
real_data = pytest.mark.real_data


def _some(names: list[str]) -> list[str]:
    chosen = np.random.default_rng(0).permutation(len(names))[:N]
    return [sorted(names)[i] for i in sorted(chosen)]


def _uploaded(file: io.BytesIO | Path) -> NDArray[np.uint8]:
    """The picture at the size of a shop's photo, reduced as uploads are."""
    image = Image.open(file).convert("RGB")
    scale = max(1.0, UPLOADED_PX / max(image.size))
    image = image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.LANCZOS)
    image.thumbnail((REDUCED_PX, REDUCED_PX), Image.Resampling.LANCZOS)
    return np.array(image)


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


def _share_of_sketches(what: str, images: Iterator[NDArray[np.uint8]]) -> float:
    taken = [looks_like_sketch(image) for image in images]
    print(f"{what}: {sum(taken)} of {len(taken)} taken for sketches")
    return float(np.mean(taken))


def test_photos_of_the_demo_are_not_taken_for_sketches() -> None:
    photos = (_uploaded(DEMO / name) for name in _some([file.name for file in DEMO.iterdir()]))
    assert _share_of_sketches("demo", photos) <= 0.01


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
    assert _share_of_sketches(pack + folder, _packed(pack, folder, ".jpg")) <= 0.01


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
    assert _share_of_sketches(pack + folder, _packed(pack, folder, ".png")) >= 0.97


@real_data
@pytest.mark.parametrize("is_light", [False, True])
def test_doodles_are_taken_for_sketches(is_light: bool) -> None:
    def pictures() -> Iterator[NDArray[np.uint8]]:
        for number, sketch in enumerate(_doodles()):
            spec = RasterSpec(size=800, stroke_width_px=(4, 8, 16)[number % 3], squareness=0, margin=0.1)
            grey = np.repeat(rasterise(sketch, spec)[..., None], 3, axis=2)
            yield 255 - grey if is_light else grey

    assert _share_of_sketches("doodles, light ink" if is_light else "doodles", pictures()) >= 0.97


@real_data
def test_doodles_on_paper_are_taken_for_sketches_and_traced() -> None:
    kinds = list(KINDS.values())
    photos = [
        photographed(sketch, kinds[number % len(kinds)], number) for number, sketch in enumerate(_doodles())
    ]
    assert _share_of_sketches("doodles on paper", (photo for photo, _ in photos)) >= 0.97
    found, true = np.mean([agreement(trace(photo), lines) for photo, lines in photos], axis=0)
    print(f"doodles on paper: {found:.1%} of the lines found, {true:.1%} of those found are true")
    assert found > 0.97
    assert true > 0.97

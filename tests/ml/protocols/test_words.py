"""Match words of a small catalogue with a tiny encoder, searched by shape and by names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from ml.errors import ConfigError
from ml.protocols.words import N_NONSENSE, evaluate_catalogue_words
from ml.sketch.doodles import doodles
from ml.sketch.formats.quickdraw import Drawing, write_drawings
from ml.sketch.nonsense import KINDS
from ml.sketch.strokes import Sketch, sketch_from_xy
from tests.support.tiny_model import tiny_model
from tests.support.tiny_recogniser import tiny_recogniser

N = 30


def boxes(number: int) -> list[tuple[int, int, int, int]]:
    rng = np.random.default_rng(number)
    return [(*rng.integers(8, 50, 2).tolist(), *rng.integers(10, 40, 2).tolist()) for _ in range(3)]


def outline(number: int) -> Sketch:
    strokes = [
        np.array([[x, y], [x + w, y], [x + w, y + h], [x, y + h], [x, y]]) for x, y, w, h in boxes(number)
    ]
    return sketch_from_xy(strokes, 96, 96)


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirty products of dark boxes, every other a chair, with their outlines; chairs answer "chair"."""
    root = tmp_path_factory.mktemp("catalogue")
    rows = []
    for number in range(N):
        image = np.full((96, 96, 3), 255, np.uint8)
        for x, y, width, height in boxes(number):
            image[y : y + height, x : x + width] = 60
        cv2.imwrite(str(root / f"p{number}.png"), image)
        kind = "chair" if number % 2 else "lamp"
        rows.append({"sku": f"p{number}", "name": kind, "category": kind, "photo": f"p{number}.png"})
    (root / "products.jsonl").write_text("\n".join(map(json.dumps, rows)))
    drawn = [Drawing(outline(n), f"p{n}", str(rows[n]["category"])) for n in range(N)]
    write_drawings(root / "drawings.ndjson.gz", drawn)
    (root / "quickdraw-map.json").write_text(json.dumps({"chair": ["chair"]}))
    return root


@pytest.fixture(scope="module")
def quickdraw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("quickdraw")
    for name in ("chair", "lion"):
        drawings = [
            Drawing(sketch, f"{name}{number}", name) for number, sketch in enumerate(doodles()[name] * 3)
        ]
        write_drawings(root / f"{name}.ndjson", drawings)
    return root


@pytest.fixture(scope="module", params=[True, False], ids=["names", "shape"])
def measured(
    request: pytest.FixtureRequest, catalogue: Path, quickdraw: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    models = tmp_path_factory.mktemp("models")
    return evaluate_catalogue_words(
        model=tiny_model(models / "encoder", centres=True),
        root=catalogue,
        quickdraw=quickdraw,
        recogniser=tiny_recogniser(models / "recogniser") if request.param else None,
    )


def test_every_kind_of_drawing_is_measured(measured: dict[str, Any]) -> None:
    assert set(measured) == {"drawings", "doodles", "unsold", *KINDS}
    assert (measured["doodles"]["n"], measured["unsold"]["n"]) == (3, 3)
    assert {measured[kind]["n"] for kind in KINDS} == {N_NONSENSE}


def test_shares_of_words_add_up_and_nothing_is_right_for_nonsense(measured: dict[str, Any]) -> None:
    for found in measured.values():
        for words in (found, found["fixed"]):
            assert sum(words[word] for word in ("strong", "fair", "weak")) == pytest.approx(1, abs=0.002)
            right = sum(words[word] * (words[f"{word}_right"] or 0) for word in ("strong", "fair", "weak"))
            assert right == pytest.approx(found["right"], abs=0.005)
    for kind in ("unsold", *KINDS):
        assert measured[kind]["right"] == 0
        assert measured[kind]["denied"] is None


def test_words_without_doodles_are_refused(catalogue: Path, tmp_path: Path) -> None:
    from ml.api import evaluate_words

    with pytest.raises(ConfigError, match="doodles"):
        evaluate_words(model=tmp_path, format="catalogue", root=catalogue, quickdraw=None)

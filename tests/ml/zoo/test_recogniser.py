"""The shipped recogniser reaches the figures of its card, and int8, which serves, those of fp32."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from ml.datasets.formats import open_dataset
from ml.datasets.pairs import PairDataset
from ml.protocols.recognition import measure_recognition
from ml.serving.recogniser import Recogniser
from ml.sketch.strokes import parse_sketch
from ml.systems.recogniser.card import card

MODEL = Path(__file__).parents[3] / "ml" / "zoo" / "recogniser"
ROUNDING = 0.002  # borderline drawings on another processor
INT8 = 0.01
LEAST_TOP_1 = 0.6  # whatever the card says


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    read: dict[str, Any] = json.loads((MODEL / "model.json").read_text())
    return read


@pytest.fixture(scope="module")
def dataset() -> PairDataset:
    return open_dataset("quickdraw", Path(os.environ["SKETCHFIND_DATA"], "quickdraw-345-sample.zip"))


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("precision", "key", "margin"), [("fp32", "metrics", ROUNDING), ("int8", "metrics_int8", INT8)]
)
def test_metrics_on_drawings_never_trained_on(
    manifest: dict[str, Any], dataset: PairDataset, precision: Any, key: str, margin: float
) -> None:
    measured = measure_recognition(Recogniser.load(MODEL, precision=precision), dataset)
    claimed = manifest[key]
    assert measured["n_queries"] == claimed["n_queries"] > 2000
    assert measured["top-1"]["value"] >= LEAST_TOP_1
    for name in ("top-1", "top-5", "sure", "right_if_sure", "top-1_half", "top-5_half"):
        assert measured[name]["value"] == pytest.approx(claimed[name]["value"], abs=margin), name


def test_what_serves_here_is_verified(manifest: dict[str, Any]) -> None:
    recogniser = Recogniser.load(MODEL)
    assert (recogniser.precision, recogniser.fallback) == (manifest["precision"], "")
    int8 = Recogniser.load(MODEL, precision="int8").agreement
    assert int8 is not None
    assert int8.shared == pytest.approx(manifest["int8"]["shared"], abs=0.005)


def test_the_card_is_that_of_the_manifest(manifest: dict[str, Any]) -> None:
    assert (MODEL / "CARD.md").read_text() == card(manifest)


def test_a_plain_drawing_is_recognised() -> None:
    """A table seen from the front: a top and two legs."""
    strokes = [
        [[20, 40], [236, 40], [236, 56], [20, 56], [20, 40]],
        [[44, 56], [44, 200]],
        [[212, 56], [212, 200]],
    ]
    recogniser = Recogniser.load(MODEL)
    found = recogniser.recognise(parse_sketch({"width": 256, "height": 256, "strokes": strokes}))
    assert "table" in [name for name, _ in recogniser.offered(found, 3)]

"""The serving recogniser: probabilities, decisions, and the verification of its files on every load."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ml.errors import ModelError
from ml.serving.recogniser import Recogniser, Recognition
from ml.serving.recogniser_files import RecogniserReference
from ml.sketch.raster import rasterise
from ml.sketch.strokes import Sketch, parse_sketch
from tests.support.tiny_recogniser import NAMES, tiny_recogniser

SQUARE = [[[10, 10], [90, 10], [90, 90], [10, 90], [10, 10]]]
CROSS = [[[10, 10], [90, 90]], [[90, 10], [10, 90]]]


def sketch(strokes: Any) -> Sketch:
    return parse_sketch({"width": 100, "height": 100, "strokes": strokes})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tiny_recogniser(tmp_path / "model")


def test_a_sketch_gets_a_probability_of_each_name(folder: Path) -> None:
    recogniser = Recogniser.load(folder)
    found = recogniser.recognise(sketch(SQUARE))
    assert recogniser.names == NAMES
    assert (found.probabilities.shape, found.probabilities.dtype.name) == ((6,), "float32")
    assert found.probabilities.sum() == pytest.approx(1, abs=1e-5)
    assert found.best == found.probabilities.max()
    assert found.raster_ms > 0
    assert found.encode_ms > 0


def test_the_network_gets_the_raster_of_the_sketch(folder: Path) -> None:
    recogniser = Recogniser.load(folder)
    logits = recogniser.logits([rasterise(sketch(CROSS), recogniser.raster)])
    powers = np.exp(logits[0] - logits[0].max())
    found = recogniser.recognise(sketch(CROSS)).probabilities
    assert found == pytest.approx(powers / powers.sum(), abs=1e-6)


def test_a_sketch_has_the_same_probabilities_alone_and_in_a_batch(folder: Path) -> None:
    recogniser = Recogniser.load(folder)
    rasters = [recogniser.rasterised(sketch(strokes)) for strokes in (SQUARE, CROSS)]
    together = recogniser.recognise_rasters(rasters)
    for raster, found in zip(rasters, together, strict=True):
        alone = recogniser.recognise_rasters([raster])[0]
        assert found.probabilities == pytest.approx(alone.probabilities, abs=1e-6)
        assert (found.sure, found.raster_ms) == (alone.sure, raster.raster_ms)


def test_a_higher_temperature_is_less_certain(folder: Path, tmp_path: Path) -> None:
    warm = Recogniser.load(tiny_recogniser(tmp_path / "warm", temperature=3.0))
    cold = Recogniser.load(folder)
    assert warm.recognise(sketch(CROSS)).best < cold.recognise(sketch(CROSS)).best


def test_it_is_sure_from_the_threshold_and_offers_nothing_below_the_other(tmp_path: Path) -> None:
    best = Recogniser.load(tiny_recogniser(tmp_path / "first")).recognise(sketch(CROSS)).best

    def found(number: int, sure_from: float, nothing_below: float) -> tuple[Recogniser, Recognition]:
        folder = tiny_recogniser(tmp_path / str(number), sure_from=sure_from, nothing_below=nothing_below)
        recogniser = Recogniser.load(folder)
        return recogniser, recogniser.recognise(sketch(CROSS))

    recogniser, sure = found(0, best - 1e-3, 0.0)
    assert sure.sure
    offers = recogniser.offered(sure, 3)
    assert [name for name, _ in offers] == [NAMES[row] for row in np.argsort(-sure.probabilities)[:3]]
    assert offers[0][1] == pytest.approx(best)
    recogniser, unsure = found(1, best + 1e-3, best + 1e-3)
    assert not unsure.sure
    assert recogniser.offered(unsure) == []


def test_int8_serves_if_it_agrees_with_the_reference(folder: Path) -> None:
    recogniser = Recogniser.load(folder)
    assert (recogniser.precision, recogniser.fallback) == ("int8", "")
    assert recogniser.agreement is not None
    assert recogniser.agreement.shared == pytest.approx(1, abs=1e-4)


def test_a_wrong_int8_file_falls_back_to_fp32_with_a_reason(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = tiny_recogniser(tmp_path / "wrong", int8_seed=5)
    with caplog.at_level(logging.WARNING):
        recogniser = Recogniser.load(wrong)
    assert recogniser.precision == "fp32"
    assert "shared probability" in recogniser.fallback
    assert recogniser.fallback in caplog.text
    right = Recogniser.load(tiny_recogniser(tmp_path / "right"))
    expected = right.recognise(sketch(CROSS)).probabilities
    assert (recogniser.recognise(sketch(CROSS)).probabilities == expected).all()
    assert recogniser.sha256 == recogniser.manifest.files["recogniser.int8.onnx"], "it is the same model"
    assert Recogniser.load(wrong, precision="int8").precision == "int8", "as requested"


def test_int8_without_a_reference_cannot_be_verified(tmp_path: Path) -> None:
    recogniser = Recogniser.load(tiny_recogniser(tmp_path, reference=False))
    assert recogniser.precision == "fp32"
    assert "reference.npz" in recogniser.fallback


def test_a_reference_of_another_model_is_refused(folder: Path) -> None:
    kept = RecogniserReference.read(folder / "reference.npz")
    other = RecogniserReference(kept.images, kept.logits[:, :5]).content()
    manifest = json.loads((folder / "model.json").read_text())
    manifest["files"]["reference.npz"] = sha256(other).hexdigest()
    (folder / "reference.npz").write_bytes(other)
    (folder / "model.json").write_text(json.dumps(manifest))
    with pytest.raises(ModelError, match="sizes"):
        Recogniser.load(folder)


def test_an_altered_or_missing_network_is_refused(folder: Path) -> None:
    path = folder / "recogniser.int8.onnx"
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(ModelError, match="altered"):
        Recogniser.load(folder)
    path.unlink()
    with pytest.raises(ModelError, match="missing"):
        Recogniser.load(folder)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"names": []}, "names"),
        ({"names": ["bed", "bed"]}, "names"),
        ({"names": ["bed", 3]}, "names"),
        ({"names": list("abcdefgh")}, "onnx"),
        ({"raster": {"size": 64}}, "onnx"),
        ({"raster": {"size": 48, "sparkle": 1}}, "raster"),
        ({"precision": "int4"}, "precision"),
        ({"temperature": 0}, "temperature"),
        ({"temperature": True}, "temperature"),
        ({"sure_from": 1.5}, "sure_from"),
        ({"nothing_below": 0.9}, "nothing_below"),
        ({"files": {"../../etc/passwd": "0" * 64}}, "files"),
        ({"files": {}}, "files"),
        ({"card": "/etc/passwd"}, "card"),
        ({"name": None}, "name"),
    ],
)
def test_an_invalid_manifest_value_is_refused_naming_the_key(tmp_path: Path, change: Any, field: str) -> None:
    with pytest.raises(ModelError) as refusal:
        Recogniser.load(tiny_recogniser(tmp_path / "model", **change))
    assert field in refusal.value.field


def test_it_needs_no_torch() -> None:
    program = (
        "import sys; import ml.serving.recogniser;"
        "assert not {'torch', 'torchvision', 'onnx', 'scipy'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=120)

"""An encoder is compared with the reference of its model on every load."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import numpy as np
import pytest

from ml.errors import ModelError
from ml.serving.encoder import Encoder
from ml.serving.reference import Agreement, Reference
from ml.sketch.strokes import parse_sketch
from tests.support.tiny_model import tiny_model

SKETCH = parse_sketch({"width": 100, "height": 100, "strokes": [[[10, 10], [90, 10], [90, 90]]]})


def test_a_valid_int8_file_is_used(tmp_path: Path) -> None:
    encoder = Encoder.load(tiny_model(tmp_path, precision="int8"))
    assert (encoder.precision, encoder.fallback) == ("int8", "")
    assert encoder.agreement is not None
    assert encoder.agreement.least_mean_cosine == pytest.approx(1, abs=1e-4)
    assert encoder.numbers.sound


def test_a_wrong_int8_file_falls_back_to_fp32_with_a_reason(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = tiny_model(tmp_path / "wrong", precision="int8", int8_seed=5)
    with caplog.at_level(logging.WARNING):
        encoder = Encoder.load(wrong)
    right = Encoder.load(tiny_model(tmp_path / "right"))
    assert encoder.precision == "fp32"
    assert "mean cosine" in encoder.fallback
    assert encoder.fallback in caplog.text
    assert (encoder.encode_sketch(SKETCH).embedding == right.encode_sketch(SKETCH).embedding).all()
    assert encoder.sha256 == encoder.manifest.files["encoder.int8.onnx"], "it is the same model"


def test_a_requested_precision_is_loaded_independent_of_its_agreement(tmp_path: Path) -> None:
    encoder = Encoder.load(tiny_model(tmp_path, int8_seed=5), precision="int8")
    assert (encoder.precision, encoder.numbers.sound) == ("int8", False)


def test_a_model_whose_fp32_also_differs_is_refused(tmp_path: Path) -> None:
    folder = tiny_model(tmp_path / "model", seed=5, precision="int8")
    other = tiny_model(tmp_path / "other", seed=6)
    (folder / "reference.npz").write_bytes((other / "reference.npz").read_bytes())
    with pytest.raises(ModelError, match="altered"):
        Encoder.load(folder)
    manifest = (folder / "model.json").read_text()
    others = Encoder.load(other, precision="fp32").manifest.files["reference.npz"]
    mine = json.loads(manifest)["files"]["reference.npz"]
    (folder / "model.json").write_text(manifest.replace(mine, others))
    with pytest.raises(ModelError, match=r"int8 differs.*fp32 differs"):
        Encoder.load(folder)


def test_int8_without_a_reference_cannot_be_verified(tmp_path: Path) -> None:
    encoder = Encoder.load(tiny_model(tmp_path, precision="int8", reference=False))
    assert encoder.precision == "fp32"
    assert "reference.npz" in encoder.fallback
    assert Encoder.load(tiny_model(tmp_path / "fp32", reference=False)).fallback == ""


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04nonsense", b"\x93NUMPY"])
def test_a_file_that_is_not_a_reference_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "reference.npz"
    path.write_bytes(content)
    with pytest.raises(ModelError, match="reference"):
        Reference.read(path)


def test_a_reference_of_other_arrays_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "reference.npz"
    np.savez(path, images=np.zeros((2, 4, 4, 3), np.uint8), domains=np.zeros(1, np.int64))
    with pytest.raises(ModelError, match="reference"):
        Reference.read(path)


def test_agreement_is_the_lowest_mean_cosine_of_the_domains() -> None:
    unit = np.eye(2, dtype=np.float32)
    codes = np.array([[0], [0], [0]], np.uint8)
    reference = Reference(np.zeros((3, 4, 4, 3), np.uint8), np.array([0, 0, 1]), unit[[0, 0, 1]], codes)
    found = Agreement.of(reference, unit[[0, 1, 1]], np.array([[0], [255], [0]], np.uint8))
    assert found.mean_cosine == {0: 0.5, 1: 1.0}
    assert found.lowest_cosine == {0: 0.0, 1: 1.0}
    assert found.least_mean_cosine == 0.5
    assert found.equal_bits == pytest.approx(2 / 3, abs=1e-4)
    assert not found.within("int8")


def test_nan_outputs_never_agree() -> None:
    reference = Reference(
        np.zeros((1, 4, 4, 3), np.uint8),
        np.array([0]),
        np.eye(2, dtype=np.float32)[:1],
        np.zeros((1, 1), np.uint8),
    )
    broken = np.full((1, 2), np.nan, np.float32)
    assert not Agreement.of(reference, broken, np.zeros((1, 1), np.uint8)).within("int8")

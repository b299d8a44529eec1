"""Changes to the head of an exported encoder, on tiny graphs; `fine_tune` tests them on exported ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest

from ml.errors import ModelError
from ml.training.onnx_head import CENTRES, with_centres, with_head
from tests.support.tiny_model import DIM, SIDE, tiny_onnx


@pytest.fixture
def exported(tmp_path: Path) -> Path:
    """A graph whose centres are a constant, as torch exports them."""
    model = onnx.load_from_string(tiny_onnx(centres=True))
    kept = [value for value in model.graph.input if value.name != CENTRES]
    del model.graph.input[:]
    model.graph.input.extend(kept)
    onnx.save(model, tmp_path / "encoder.onnx")
    return tmp_path / "encoder.onnx"


def run(content: bytes, **more: np.ndarray) -> list[np.ndarray]:
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    image = np.random.default_rng(0).uniform(0, 255, (1, 3, SIDE, SIDE)).astype(np.float32)
    found: list[np.ndarray] = session.run(None, {"image": image, "domain": np.array([1]), **more})
    return found


def test_centres_become_an_optional_input(exported: Path) -> None:
    content = with_centres(exported)
    before, after = run(exported.read_bytes()), run(content)
    for was, now in zip(before, after, strict=True):
        assert was.tolist() == now.tolist(), "zero by default"
    centres = np.random.default_rng(1).normal(0, 300, (3, DIM)).astype(np.float32)
    embedding, _, projection = run(content, **{CENTRES: centres})
    assert projection.tolist() == before[2].tolist()
    expected = projection - centres[1]
    assert embedding == pytest.approx(expected / np.linalg.norm(expected), abs=1e-5)


def test_repeated_application_changes_nothing(exported: Path) -> None:
    content = with_centres(exported)
    exported.write_bytes(content)
    assert with_centres(exported) == content


def test_the_head_can_be_replaced_in_a_graph_that_takes_centres(exported: Path) -> None:
    exported.write_bytes(with_centres(exported))
    hash_head = np.ones((DIM, 64), np.float32)
    embedding, logits, _ = run(with_head(exported, {"hash": hash_head}))
    assert logits == pytest.approx(embedding @ hash_head, abs=1e-5)


def test_a_graph_without_centres_is_refused(tmp_path: Path) -> None:
    model = onnx.load_from_string(tiny_onnx())
    for node in model.graph.node:
        node.input[:] = ["other" if name == CENTRES else name for name in node.input]
    for initialiser in model.graph.initializer:
        initialiser.name = "other" if initialiser.name == CENTRES else initialiser.name
    onnx.save(model, tmp_path / "old.onnx")
    with pytest.raises(ModelError, match=CENTRES):
        with_centres(tmp_path / "old.onnx")

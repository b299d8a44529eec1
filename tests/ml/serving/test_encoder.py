from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from ml.errors import ModelError
from ml.images.crop import object_box
from ml.images.edges import edge_map
from ml.images.transforms import frame
from ml.images.views import gallery_images
from ml.retrieval.packing import pack
from ml.serving.encoder import Encoder
from ml.sketch.raster import RasterSpec, rasterise
from ml.sketch.strokes import Sketch, parse_sketch
from tests.support.tiny_model import tiny_model

SQUARE = [[[10, 10], [90, 10], [90, 90], [10, 90], [10, 10]]]
CROSS = [[[10, 10], [90, 90]], [[90, 10], [10, 90]]]


def sketch(strokes: Any) -> Sketch:
    return parse_sketch({"width": 100, "height": 100, "strokes": strokes})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tiny_model(tmp_path / "model")


def test_a_sketch_becomes_a_unit_embedding_and_a_packed_code(folder: Path) -> None:
    encoder = Encoder.load(folder)
    encoding = encoder.encode_sketch(sketch(SQUARE))
    assert (encoding.embedding.shape, encoding.embedding.dtype.name) == ((32,), "float32")
    assert np.linalg.norm(encoding.embedding) == pytest.approx(1, abs=1e-5)
    assert (encoding.hash_code.shape, encoding.hash_code.dtype.name) == ((8,), "uint8")


def test_the_encoder_gets_the_raster_of_the_sketch(folder: Path) -> None:
    encoder = Encoder.load(folder)
    image = rasterise(sketch(CROSS), encoder.raster)
    embeddings, logits = encoder._run([image], [0])
    encoding = encoder.encode_sketch(sketch(CROSS))
    assert (encoding.embedding == embeddings[0]).all()
    assert (encoding.hash_code == pack(logits)[0]).all()


def test_unlike_drawings_are_further_apart_than_like_ones(folder: Path) -> None:
    encoder = Encoder.load(folder)
    square, cross = (encoder.encode_sketch(sketch(s)).embedding for s in (SQUARE, CROSS))
    wobbly = encoder.encode_sketch(sketch([[[12, 9], [88, 12], [91, 88], [9, 92], [10, 10]]])).embedding
    assert square @ wobbly > square @ cross + 0.1


def photo(size: int = 96) -> NDArray[np.uint8]:
    image = np.full((size, size + 20, 3), 255, np.uint8)
    image[20:70, 30:80] = (200, 40, 40)
    return image


def test_a_photo_is_the_mean_of_its_gallery_inputs(tmp_path: Path) -> None:
    both, edge, plain = (
        Encoder.load(tiny_model(tmp_path / "-".join(views), gallery_inputs=views))
        for views in (["photo", "edge"], ["edge"], ["photo"])
    )
    photos = [photo(), photo(200)]
    mean = (edge.encode_photos(photos).embeddings + plain.encode_photos(photos).embeddings) / 2
    encodings = both.encode_photos(photos)
    assert encodings.embeddings == pytest.approx(mean / np.linalg.norm(mean, axis=1, keepdims=True), abs=1e-5)
    assert encodings.hash_codes.shape == (2, 8)


def test_photos_are_framed_as_in_training() -> None:
    spec = RasterSpec(size=64)
    image = photo(200)
    box = object_box(image)
    seen, edges = gallery_images(image, ["photo", "edge"], spec)
    assert (seen == frame(image, box, spec)).all()
    assert (edges == frame(edge_map(image), box, spec)).all()


def test_a_photo_has_the_same_embedding_alone_and_in_a_batch(folder: Path) -> None:
    encoder = Encoder.load(folder)
    alone, together = encoder.encode_photos([photo()]), encoder.encode_photos([photo(200), photo()])
    assert together.embeddings[1] == pytest.approx(alone.embeddings[0], abs=1e-5)
    assert encoder.encode_photos([]).embeddings.shape == (0, 32)


def test_an_altered_or_missing_network_is_refused(folder: Path) -> None:
    path = folder / "encoder.fp32.onnx"
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(ModelError, match="altered"):
        Encoder.load(folder)
    path.unlink()
    with pytest.raises(ModelError, match="missing"):
        Encoder.load(folder)


def test_the_other_precision_can_be_requested(folder: Path) -> None:
    assert Encoder.load(folder, precision="int8").precision == "int8"
    with pytest.raises(ModelError, match="precision"):
        Encoder.load(folder, precision="int4")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"embedding_dim": 0}, "embedding_dim"),
        ({"embedding_dim": 16}, "onnx"),
        ({"code_length": 60}, "code_length"),
        ({"code_length": 32}, "onnx"),
        ({"raster": {"size": 128}}, "onnx"),
        ({"raster": {"size": 64, "sparkle": 1}}, "raster"),
        ({"raster": {"size": 0}}, "raster"),
        ({"inputs": {"edge": 1}}, "inputs.sketch"),
        ({"gallery_inputs": ["x-ray"]}, "inputs.x-ray"),
        ({"gallery_inputs": []}, "gallery_inputs"),
        ({"precision": "int4"}, "precision"),
        ({"score_words": {"strong": 0.2, "fair": 0.5}}, "score_words"),
        ({"score_words": {"strong": "high", "fair": 0.5}}, "score_words.strong"),
        ({"nothing_close_below": 7}, "nothing_close_below"),
        ({"name_weight": -0.1}, "name_weight"),
        ({"name_weight": True}, "name_weight"),
        ({"files": {"../../etc/passwd": "0" * 64}}, "files"),
        ({"files": {}}, "files"),
        ({"card": "/etc/passwd"}, "card"),
        ({"name": None}, "name"),
    ],
)
def test_an_invalid_manifest_value_is_refused_naming_the_key(tmp_path: Path, change: Any, field: str) -> None:
    with pytest.raises(ModelError) as refusal:
        Encoder.load(tiny_model(tmp_path / "model", **change))
    assert field in refusal.value.field


@pytest.mark.parametrize("text", ["", "[]", "{", "null", "3"])
def test_a_file_that_is_not_a_manifest_is_refused(folder: Path, text: str) -> None:
    (folder / "model.json").write_text(text)
    with pytest.raises(ModelError):
        Encoder.load(folder)


def test_a_file_that_is_not_a_network_is_refused(folder: Path) -> None:
    (folder / "encoder.fp32.onnx").write_bytes(b"pickle?")
    manifest = json.loads((folder / "model.json").read_text())
    from hashlib import sha256

    manifest["files"]["encoder.fp32.onnx"] = sha256(b"pickle?").hexdigest()
    (folder / "model.json").write_text(json.dumps(manifest))
    with pytest.raises(ModelError, match="ONNX"):
        Encoder.load(folder)


def test_labels_of_scores(folder: Path) -> None:
    manifest = Encoder.load(folder).manifest
    assert [manifest.match(score) for score in (0.95, 0.9, 0.8, 0.7, 0.1)] == [
        "strong",
        "strong",
        "fair",
        "fair",
        "weak",
    ]

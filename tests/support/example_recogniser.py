"""A real recogniser's folder in milliseconds: a sketch has the name of the example whose pooled ink is most alike."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from ml.serving.recogniser_files import RecogniserReference
from ml.sketch.raster import RasterSpec, rasterise
from ml.sketch.strokes import Sketch

SIDE, POOLED = 64, 8
SPEC = RasterSpec(size=SIDE)
_SHARPNESS = 2.0  # logits per squared distance of pooled ink


def example_recogniser(folder: Path, examples: Mapping[str, Sketch], **changes: Any) -> Path:
    """Write a folder that recognises each example as its name, almost surely; `changes` replace keys of model.json."""
    folder.mkdir(parents=True, exist_ok=True)
    images = np.stack([rasterise(sketch, SPEC) for sketch in examples.values()])
    network = _onnx(images)
    session = onnxruntime.InferenceSession(network, providers=["CPUExecutionProvider"])
    logits = session.run(["logits"], {"image": images[:, None].astype(np.float32)})[0]
    files = {
        "recogniser.fp32.onnx": network,
        "recogniser.int8.onnx": network,
        "reference.npz": RecogniserReference(images, logits).content(),
    }
    for file, data in files.items():
        (folder / file).write_bytes(data)
    manifest = {
        "name": "tiny recogniser",
        "version": "1",
        "names": list(examples),
        "raster": {"size": SIDE},
        "precision": "fp32",
        "temperature": 1.0,
        "sure_from": 0.8,
        "nothing_below": 0.1,
        "files": {file: sha256(data).hexdigest() for file, data in files.items()},
        "card": "CARD.md",
        **changes,
    }
    (folder / "model.json").write_text(json.dumps(manifest))
    return folder


def _onnx(images: NDArray[np.uint8]) -> bytes:
    """image (B, 1, 64, 64) -> logits (B, names): negative squared distances to pooled examples, (names, 64, 64)."""
    step = SIDE // POOLED
    ink = 1 - images.astype(np.float32) / 255
    pooled = ink.reshape(len(ink), POOLED, step, POOLED, step).mean(axis=(2, 4)).reshape(len(ink), -1)
    constants: dict[str, NDArray[Any]] = {
        "white": np.array(255.0, np.float32),
        "weights": (2 * _SHARPNESS / 255 * pooled.T).astype(np.float32),
        "bias": (-_SHARPNESS * np.square(pooled).sum(axis=1)).astype(np.float32),
        "flat": np.array([0, POOLED * POOLED], np.int64),
    }
    nodes = [
        helper.make_node("Sub", ["white", "image"], ["ink"]),
        helper.make_node("AveragePool", ["ink"], ["pooled"], kernel_shape=[step, step], strides=[step, step]),
        helper.make_node("Reshape", ["pooled", "flat"], ["features"]),
        helper.make_node("MatMul", ["features", "weights"], ["products"]),
        helper.make_node("Add", ["products", "bias"], ["logits"]),
    ]
    graph = helper.make_graph(
        nodes,
        "tiny recogniser",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 1, SIDE, SIDE])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", len(images)])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    return bytes(model.SerializeToString())

"""A real recogniser's folder in milliseconds: pooled ink projected at random."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from ml.serving.recogniser_files import RecogniserReference

SIDE, POOLED = 48, 6
NAMES = ("apple", "bed", "chair", "lamp", "sofa", "table")


def tiny_onnx(seed: int = 0, *, n_names: int = len(NAMES)) -> bytes:
    """image (B, 1, 48, 48) -> logits (B, n_names)."""
    rng = np.random.default_rng(seed)
    constants: dict[str, NDArray[Any]] = {
        "white": np.array(255.0, np.float32),
        "project": (rng.normal(size=(POOLED * POOLED, n_names)) / 30).astype(np.float32),
        "flat": np.array([0, POOLED * POOLED], np.int64),
    }
    step = SIDE // POOLED
    nodes = [
        helper.make_node("Sub", ["white", "image"], ["ink"]),
        helper.make_node("AveragePool", ["ink"], ["pooled"], kernel_shape=[step, step], strides=[step, step]),
        helper.make_node("Reshape", ["pooled", "flat"], ["features"]),
        helper.make_node("MatMul", ["features", "project"], ["logits"]),
    ]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 1, SIDE, SIDE])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", n_names])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    return bytes(model.SerializeToString())


def tiny_reference(seed: int = 0) -> bytes:
    """Return eight images and the network's logits of them."""
    session = onnxruntime.InferenceSession(tiny_onnx(seed), providers=["CPUExecutionProvider"])
    images = np.full((8, SIDE, SIDE), 255, np.uint8)
    for number, image in enumerate(images):
        image[4 * number : 4 * number + 12, 6:42] = 0
    (logits,) = session.run(["logits"], {"image": images[:, None].astype(np.float32)})
    return RecogniserReference(images, logits).content()


def tiny_recogniser(
    folder: Path, *, seed: int = 0, int8_seed: int | None = None, reference: bool = True, **changes: Any
) -> Path:
    """Write the model folder; `changes` replace keys of model.json.

    int8_seed: another seed for the int8 file only, which is then wrong. reference: whether to write one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    wrong = seed if int8_seed is None else int8_seed
    files = {"recogniser.fp32.onnx": tiny_onnx(seed), "recogniser.int8.onnx": tiny_onnx(wrong)}
    if reference:
        files["reference.npz"] = tiny_reference(seed)
    for file, data in files.items():
        (folder / file).write_bytes(data)
    manifest = {
        "name": "tiny",
        "version": f"1.{seed}",
        "system": "recogniser",
        "names": list(NAMES),
        "raster": {"size": SIDE, "stroke_width_px": 2.0},
        "precision": "int8",
        "temperature": 1.0,
        "sure_from": 0.6,
        "nothing_below": 0.2,
        "files": {file: sha256(data).hexdigest() for file, data in files.items()},
        **changes,
    }
    (folder / "model.json").write_text(json.dumps(manifest))
    return folder

"""A real model folder in milliseconds: pooled ink projected at random, so that similar drawings get similar
embeddings. With `centres`, projections of each domain are offset at random and centred on a catalogue's centres.
"""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from ml.retrieval.packing import pack
from ml.serving.reference import Reference

SIDE, POOLED, DIM, BITS = 64, 8, 32, 64
OFFSET = 300.0  # of a domain's projections, which are about as long


def tiny_onnx(seed: int = 0, *, dim: int = DIM, bits: int = BITS, centres: bool = False) -> bytes:
    """image (B, 3, 64, 64) and domain (B,) -> embedding (B, dim) of unit length, hash_logits (B, bits).

    centres: with the optional input catalogue_centres (3, dim) and the output projection (B, dim).
    """
    rng = np.random.default_rng(seed)
    constants: dict[str, NDArray[Any]] = {
        "white": np.array(255.0, np.float32),
        "project": rng.normal(size=(POOLED * POOLED, dim)).astype(np.float32),
        "hash": rng.normal(size=(dim, bits)).astype(np.float32),
        "flat": np.array([0, POOLED * POOLED], np.int64),
        "channel": np.array([1], np.int64),
        "last": np.array([1], np.int64),
        "small": np.array(1e-6, np.float32),
        "offsets": OFFSET * centres * rng.normal(size=(3, dim)).astype(np.float32),
        "catalogue_centres": np.zeros((3, dim), np.float32),
    }
    step = SIDE // POOLED
    nodes = [
        helper.make_node("Sub", ["white", "image"], ["ink"]),
        helper.make_node("ReduceMean", ["ink", "channel"], ["grey"], keepdims=1),
        helper.make_node(
            "AveragePool", ["grey"], ["pooled"], kernel_shape=[step, step], strides=[step, step]
        ),
        helper.make_node("Reshape", ["pooled", "flat"], ["features"]),
        helper.make_node("MatMul", ["features", "project"], ["projected"]),
        helper.make_node("Gather", ["offsets", "domain"], ["offset"]),
        helper.make_node("Add", ["projected", "offset"], ["projection"]),
        helper.make_node("Gather", ["catalogue_centres", "domain"], ["centre"]),
        helper.make_node("Sub", ["projection", "centre"], ["seen"]),
        helper.make_node("ReduceL2", ["seen", "last"], ["length"], keepdims=1),
        helper.make_node("Max", ["length", "small"], ["divisor"]),
        helper.make_node("Div", ["seen", "divisor"], ["embedding"]),
        helper.make_node("MatMul", ["embedding", "hash"], ["hash_logits"]),
    ]
    inputs = [
        helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 3, SIDE, SIDE]),
        helper.make_tensor_value_info("domain", TensorProto.INT64, ["batch"]),
    ]
    outputs = [
        helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", dim]),
        helper.make_tensor_value_info("hash_logits", TensorProto.FLOAT, ["batch", bits]),
    ]
    if centres:
        inputs.append(helper.make_tensor_value_info("catalogue_centres", TensorProto.FLOAT, [3, dim]))
        outputs.append(helper.make_tensor_value_info("projection", TensorProto.FLOAT, ["batch", dim]))
    graph = helper.make_graph(
        nodes,
        "tiny",
        inputs,
        outputs,
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    return bytes(model.SerializeToString())


def tiny_reference(seed: int = 0, *, centres: bool = False) -> bytes:
    """Return two images of each domain and the network's output for them."""
    network = tiny_onnx(seed, centres=centres)
    session = onnxruntime.InferenceSession(network, providers=["CPUExecutionProvider"])
    images = np.full((6, SIDE, SIDE, 3), 255, np.uint8)
    for number, image in enumerate(images):
        image[8 * number : 8 * number + 16, 10:50] = 0
    domains = np.arange(6) // 2
    feed = {"image": images.transpose(0, 3, 1, 2).astype(np.float32), "domain": domains}
    embeddings, logits = session.run(["embedding", "hash_logits"], feed)
    return Reference(images, domains, embeddings, pack(logits)).content()


def tiny_model(
    folder: Path,
    *,
    seed: int = 0,
    name: str = "tiny",
    int8_seed: int | None = None,
    reference: bool = True,
    centres: bool = False,
    **changes: Any,
) -> Path:
    """Write the model folder; `changes` replace keys of model.json. Another seed is another encoder.

    int8_seed: another seed for the int8 file only, which is then wrong. reference: whether to write one. centres: whether
    the encoder takes a catalogue's centres.
    """
    folder.mkdir(parents=True, exist_ok=True)
    wrong = seed if int8_seed is None else int8_seed
    files = {
        "encoder.fp32.onnx": tiny_onnx(seed, centres=centres),
        "encoder.int8.onnx": tiny_onnx(wrong, centres=centres),
    }
    if reference:
        files["reference.npz"] = tiny_reference(seed, centres=centres)
    for file, data in files.items():
        (folder / file).write_bytes(data)
    (folder / "CARD.md").write_text("# Tiny\n\nPooled ink, projected at random.\n")
    manifest = {
        "name": name,
        "version": f"1.{seed}",
        "system": "tiny",
        "embedding_dim": DIM,
        "code_length": BITS,
        "raster": {"size": SIDE, "stroke_width_px": 3.0, "margin": 0.06, "squareness": 0.5},
        "inputs": {"sketch": 0, "edge": 1, "photo": 2},
        "gallery_inputs": ["edge"],
        "precision": "fp32",
        "score_words": {"strong": 0.9, "fair": 0.7},
        "nothing_close_below": 0.2,
        "files": {file: sha256(data).hexdigest() for file, data in files.items()},
        "metrics": {"precision@10": 0.5},
        "card": "CARD.md",
        **changes,
    }
    (folder / "model.json").write_text(json.dumps(manifest))
    return folder

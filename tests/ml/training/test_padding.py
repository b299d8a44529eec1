"""Zero padding moves from its own operation into the quantised convolution that it precedes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from ml.training.padding import with_padding_in_convolutions

ZOO = Path(__file__).parents[3] / "ml" / "zoo"
BOTTOM_AND_RIGHT = (0, 0, 0, 0, 0, 0, 1, 1)
SCALE, OTHER_SCALE = "scale", "other_scale"


def network(
    amounts: tuple[int, ...] = BOTTOM_AND_RIGHT,
    value: float = 0.0,
    pads: tuple[int, ...] = (0, 0, 0, 0),
    scale_after: str = SCALE,
    also_returned: bool = False,
) -> onnx.ModelProto:
    """A convolution of stride 2 in 8 bits whose input is padded, as onnxruntime's quantisation writes it."""
    rng = np.random.default_rng(0)
    n_channels = 2 + amounts[1] + amounts[5]
    tensors: dict[str, NDArray[Any]] = {
        "weight": rng.integers(-100, 100, (3, n_channels, 3, 3)).astype(np.int8),
        "weight_scale": np.array(0.01, np.float32),
        "weight_zero": np.array(0, np.int8),
        SCALE: np.array(0.02, np.float32),
        OTHER_SCALE: np.array(0.03, np.float32),
        "zero": np.array(100, np.uint8),
        "amounts": np.array(amounts, np.int64),
        "value": np.array(value, np.float32),
    }
    nodes = [
        helper.make_node("QuantizeLinear", ["image", SCALE, "zero"], ["image_8"]),
        helper.make_node("DequantizeLinear", ["image_8", SCALE, "zero"], ["image_float"]),
        helper.make_node("Pad", ["image_float", "amounts", "value"], ["padded"], mode="constant"),
        helper.make_node("QuantizeLinear", ["padded", scale_after, "zero"], ["padded_8"]),
        helper.make_node("DequantizeLinear", ["padded_8", scale_after, "zero"], ["padded_float"]),
        helper.make_node("DequantizeLinear", ["weight", "weight_scale", "weight_zero"], ["weight_float"]),
        helper.make_node(
            "Conv", ["padded_float", "weight_float"], ["found"], strides=[2, 2], pads=list(pads)
        ),
    ]
    images = helper.make_tensor_value_info("image", onnx.TensorProto.FLOAT, ["batch", 2, 8, 8])
    outputs = ["found", "padded_float"] if also_returned else ["found"]
    graph = helper.make_graph(
        nodes,
        "padded",
        [images],
        [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [*"bchw"]) for name in outputs],
        [numpy_helper.from_array(tensor, name) for name, tensor in tensors.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def n_pads(model: onnx.ModelProto) -> int:
    return sum(node.op_type == "Pad" for node in model.graph.node)


def output(model: onnx.ModelProto) -> NDArray[np.float32]:
    onnx.checker.check_model(model)
    images = np.random.default_rng(1).normal(size=(2, 2, 8, 8)).astype(np.float32)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    found: NDArray[np.float32] = session.run(["found"], {"image": images})[0]
    return found


@pytest.mark.parametrize(
    ("amounts", "pads"),
    [
        (BOTTOM_AND_RIGHT, (0, 0, 0, 0)),
        ((0, 0, 1, 2, 0, 0, 2, 1), (0, 0, 0, 0)),
        (BOTTOM_AND_RIGHT, (1, 1, 0, 0)),
    ],
)
def test_outputs_stay_the_same(amounts: tuple[int, ...], pads: tuple[int, ...]) -> None:
    before = output(network(amounts, pads=pads))
    changed = with_padding_in_convolutions(network(amounts, pads=pads))
    assert n_pads(changed) == 0
    assert np.array_equal(output(changed), before)


@pytest.mark.parametrize(
    "model",
    [
        network(value=1.0),
        network((0, 1, 0, 0, 0, 0, 1, 1)),  # a channel
        network(scale_after=OTHER_SCALE),
        network(also_returned=True),
    ],
)
def test_other_padding_stays(model: onnx.ModelProto) -> None:
    before = output(model)
    changed = with_padding_in_convolutions(model)
    assert n_pads(changed) == 1
    assert np.array_equal(output(changed), before)


@pytest.mark.parametrize("shipped", ["sketchfind/encoder.int8.onnx", "recogniser/recogniser.int8.onnx"])
def test_shipped_networks_pad_in_their_convolutions(shipped: str) -> None:
    assert n_pads(onnx.load(ZOO / shipped)) == 0

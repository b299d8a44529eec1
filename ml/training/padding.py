"""Move the zero padding of a quantised network into its convolutions, which pad for free.

TensorFlow's "same" padding is asymmetric, so it is exported as a separate operation. onnxruntime has no 8-bit kernel for
it: each one converts its input to float, pads, and converts back, which takes a sixth of a run.
"""

from collections import Counter
from typing import NamedTuple

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper


class _Padded(NamedTuple):
    """The nodes before a padded convolution, whose input comes from `source` and is in 8 bits on both sides of `pad`."""

    source: onnx.NodeProto  # DequantizeLinear
    pad: onnx.NodeProto
    quantise: onnx.NodeProto
    dequantise: onnx.NodeProto


def with_padding_in_convolutions(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return the model without those `Pad` nodes that only extend the height and width of one convolution by zeros.

    model: in the QDQ format. Outputs stay the same to the bit, because a padded zero is the zero point of its input.
    """
    graph = model.graph
    makers = {output: node for node in graph.node for output in node.output}
    uses = Counter(name for node in graph.node for name in node.input)
    uses.update(output.name for output in graph.output)
    values = {each.name: numpy_helper.to_array(each) for each in graph.initializer}
    for convolution in [node for node in graph.node if node.op_type == "Conv"]:
        padded = _padded(convolution, makers)
        if padded is None or any(uses[node.output[0]] > 1 for node in padded[1:]):
            continue
        amounts = _amounts(padded.pad, values)
        if amounts is None:
            continue
        (pads,) = (attribute for attribute in convolution.attribute if attribute.name == "pads")
        pads.ints[:] = [own + more for own, more in zip(pads.ints, amounts, strict=True)]
        convolution.input[0] = padded.source.output[0]
        for node in padded[1:]:
            graph.node.remove(node)
    return model


def _padded(convolution: onnx.NodeProto, makers: dict[str, onnx.NodeProto]) -> _Padded | None:
    """Return the nodes before a convolution if they are a `Pad` that keeps the scale and zero point of its input."""
    nodes: list[onnx.NodeProto] = []
    name = convolution.input[0]
    for operation in ("DequantizeLinear", "QuantizeLinear", "Pad", "DequantizeLinear"):
        node = makers.get(name)
        if node is None or node.op_type != operation:
            return None
        nodes.append(node)
        name = node.input[0]
    padded = _Padded(*reversed(nodes))
    same = padded.source.input[1:] == padded.quantise.input[1:] == padded.dequantise.input[1:]
    return padded if same else None


def _amounts(pad: onnx.NodeProto, values: dict[str, NDArray[np.generic]]) -> list[int] | None:
    """Return [top, left, bottom, right] of a `Pad` of images (B, C, H, W) by zeros, None if it does anything else."""
    modes = [attribute.s for attribute in pad.attribute if attribute.name == "mode"]
    _, amounts, *value = pad.input
    filled = values.get(value[0], np.array(np.nan)) if value and value[0] else np.array(0)
    if modes not in ([], [b"constant"]) or filled != 0 or amounts not in values or len(value) > 1:
        return None
    before, after = values[amounts].reshape(2, 4).tolist()
    return [*before[2:], *after[2:]] if not any(before[:2] + after[:2]) else None

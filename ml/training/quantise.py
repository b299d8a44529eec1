"""Static int8 quantisation of an exported network that gives the same results on every processor.

On processors without 8-bit dot products (AVX2, or AVX-512 without VNNI), onnxruntime multiplies unsigned activations by
signed weights and adds the products of two neighbours in 16 bits, which saturates: 2 * 255 * 127 is above 32767. With
weights of full range the embeddings are then wrong (mean cosine .58 to fp32). `pairs_fit` scales each output channel of
a dense convolution so that no two of its weights can overflow, in any order in which a kernel pairs them. It loses less
than halving the range of all weights (`reduce_range`). Depthwise convolutions are summed in 32 bits and keep their full
range.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_static,
)
from onnxruntime.quantization.shape_inference import quant_pre_process

from ml.training.padding import with_padding_in_convolutions

Array = NDArray[Any]
Feed = Mapping[str, Array]  # the inputs of one run, by name

LARGEST_PAIR = 128  # 255 * 128 fits 16 bits, 255 * 129 does not
_LARGEST_BIAS = 2**30  # in 32 bits, with room for sums
_MIN_SCALE = 1e-12  # of a channel with only zero weights


class _Calibration(CalibrationDataReader):  # type: ignore[misc]
    """Feeds inputs one by one."""

    def __init__(self, feeds: Iterable[Feed]) -> None:
        self._feeds = iter(feeds)

    def get_next(self) -> dict[str, Array] | None:
        feed = next(self._feeds, None)
        return None if feed is None else dict(feed)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.get_next, None)


@dataclass(frozen=True)
class QuantisedConvolution:
    """A convolution of a quantised file: its node and the names of its initialisers."""

    node: onnx.NodeProto
    weight: str
    weight_scale: str
    bias: str
    bias_scale: str
    input_scale: str

    @property
    def is_depthwise(self) -> bool:
        """Whether the convolution has several groups."""
        return any(attribute.name == "group" and attribute.i > 1 for attribute in self.node.attribute)


def quantise(fp32: Path, int8: Path, feeds: Iterable[Feed]) -> None:
    """Quantise `fp32` to the static file `int8`, with weights per channel and activations calibrated on `feeds`."""
    prepared = int8.with_name("prepared.onnx")
    quant_pre_process(str(fp32), str(prepared), skip_symbolic_shape=True)
    quantize_static(
        str(prepared),
        str(int8),
        _Calibration(feeds),
        quant_format=QuantFormat.QDQ,
        op_types_to_quantize=["Conv", "Add", "AveragePool", "Pad", "Clip", "Relu"],
        per_channel=True,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        calibrate_method=CalibrationMethod.MinMax,
        extra_options={"ActivationSymmetric": False, "QuantizeBias": True},
    )
    float_model = onnx.load(prepared)
    prepared.unlink()
    onnx.save(with_padding_in_convolutions(pairs_fit(onnx.load(int8), float_model)), int8)


def pairs_fit(model: onnx.ModelProto, float_model: onnx.ModelProto) -> onnx.ModelProto:
    """Requantise the weights of `model`'s dense convolutions from `float_model`, so that no pair overflows."""
    places = {initialiser.name: initialiser for initialiser in model.graph.initializer}
    floats = {initialiser.name: initialiser for initialiser in float_model.graph.initializer}
    originals = {node.name: node for node in float_model.graph.node if node.op_type == "Conv"}

    def put(name: str, value: Array) -> None:
        places[name].CopyFrom(numpy_helper.from_array(np.ascontiguousarray(value), name))

    for convolution in quantised_convolutions(model):
        if convolution.is_depthwise:
            continue
        _, weight_name, bias_name = originals[convolution.node.name].input
        weight, bias = (numpy_helper.to_array(floats[name]) for name in (weight_name, bias_name))
        input_scale = float(numpy_helper.to_array(places[convolution.input_scale]))
        least = np.maximum(np.abs(bias) / (_LARGEST_BIAS * input_scale), _MIN_SCALE)
        scale = np.maximum(_scales(weight), least).astype(np.float32)  # (O,)
        bias_scale = (scale * np.float32(input_scale)).astype(np.float32)
        put(convolution.weight, np.round(weight / scale[:, None, None, None]).astype(np.int8))
        put(convolution.weight_scale, scale)
        put(convolution.bias, np.round(bias / bias_scale).astype(np.int32))
        put(convolution.bias_scale, bias_scale)
    return model


def quantised_convolutions(model: onnx.ModelProto) -> Iterator[QuantisedConvolution]:
    """Yield every convolution whose input, weight and bias are outputs of DequantizeLinear."""
    makers: Mapping[str, onnx.NodeProto] = {
        output: node for node in model.graph.node for output in node.output
    }
    for node in model.graph.node:
        if node.op_type != "Conv":
            continue
        sources = [makers.get(name) for name in node.input]
        if len(sources) != 3 or any(s is None or s.op_type != "DequantizeLinear" for s in sources):
            continue
        image, weight, bias = (list(source.input) for source in sources if source is not None)
        yield QuantisedConvolution(node, weight[0], weight[1], bias[0], bias[1], image[1])


def largest_pair(weight: NDArray[np.int8]) -> int:
    """Return the largest sum of two weights of equal sign in one output channel of a weight, int8 (O, I, h, w)."""
    return int(_two_largest(weight.astype(np.int64)).max())


def _scales(weight: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the smallest scale per output channel, (O,), at which weights fit 8 bits and pairs sum to at most 128."""
    # Rounding may add a half to each of the two, so their sum is at most 127 before it.
    pair = _two_largest(weight) / (LARGEST_PAIR - 1)
    single = np.abs(weight.reshape(len(weight), -1)).max(axis=1) / 127
    return np.asarray(np.maximum(pair, single), np.float32)


def _two_largest(weight: Array) -> Array:
    """Return, per output channel, (O,), the larger sum of its two largest and its two most negative weights."""
    rows = weight.reshape(len(weight), -1)
    sums = [np.sort(np.maximum(side, 0), axis=1)[:, -2:].sum(axis=1) for side in (rows, -rows)]
    return np.asarray(np.maximum(*sums))

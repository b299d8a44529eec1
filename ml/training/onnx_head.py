"""Access to the head of an exported encoder: expose its input features, replace its weights, let callers set centres.

The int8 file quantises convolutions and the operations between them; the head (standardisation, embedding, hash) is float
in both files. A retrained head therefore fits both, and the measured trunk is unchanged.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

from ml.errors import ModelError

FEATURES = "features"
CENTRES = "catalogue_centres"
_MEAN = "feature_mean"


def with_features(path: Path) -> bytes:
    """Return the ONNX file with an additional output `features`, float32 (B, F), the input of the standardisation.

    Raises ModelError if the file is not an encoder of `sketchfind`.
    """
    model = onnx.load(path)
    graph = model.graph
    looked_up = {node.output[0] for node in graph.node if node.op_type == "Gather" and node.input[0] == _MEAN}
    found = [node for node in graph.node if node.op_type == "Sub" and node.input[1] in looked_up]
    if len(found) != 1:
        raise ModelError(
            str(path),
            f"not an encoder of sketchfind: expected one subtraction of {_MEAN}, found {len(found)}",
        )
    graph.node.append(onnx.helper.make_node("Identity", [found[0].input[0]], [FEATURES]))
    graph.output.append(onnx.helper.make_tensor_value_info(FEATURES, onnx.TensorProto.FLOAT, None))
    content: bytes = model.SerializeToString()
    return content


def with_head(path: Path, tensors: Mapping[str, NDArray[np.float32]]) -> bytes:
    """Return the ONNX file with the named initialisers replaced.

    Raises ModelError if one is missing or has another shape.
    """
    model = onnx.load(path)
    places = {initialiser.name: initialiser for initialiser in model.graph.initializer}
    for name, tensor in tensors.items():
        place = places.get(name)
        if place is None or tuple(place.dims) != tensor.shape or place.data_type != onnx.TensorProto.FLOAT:
            raise ModelError(str(path), f"has no float initialiser {name} of shape {tensor.shape}")
        place.CopyFrom(numpy_helper.from_array(np.ascontiguousarray(tensor, np.float32), name))
    content: bytes = model.SerializeToString()
    return content


def with_centres(path: Path) -> bytes:
    """Return the ONNX file with an optional input `catalogue_centres`, float32 (3, D), by default its initialiser.

    Raises ModelError if it has no such initialiser.
    """
    model = onnx.load(path)
    if all(value.name != CENTRES for value in model.graph.input):
        places = {initialiser.name: initialiser for initialiser in model.graph.initializer}
        if CENTRES not in places:
            raise ModelError(str(path), f"has no initialiser {CENTRES}")
        model.graph.input.append(
            onnx.helper.make_tensor_value_info(CENTRES, onnx.TensorProto.FLOAT, list(places[CENTRES].dims))
        )
    content: bytes = model.SerializeToString()
    return content

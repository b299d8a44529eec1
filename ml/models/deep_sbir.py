"""Weights of the authors' released Sketch-a-Net and DSSA as parameters of our modules.

The layouts are those of github.com/seuliufeng/DeepSBIR (Caffe, CVPR 2016) and github.com/yuqian1023/Deep_SBIR_tf
(TensorFlow, CVPR 2016 and ICCV 2017), with the same names of layers:

    theirs      TensorFlow          Caffe               ours
    conv1_s1    (15, 15, 1, 64)     (64, 1, 15, 15)     maps.0.0
    conv2_s1    (5, 5, 64, 128)     (128, 64, 5, 5)     maps.2.0
    conv3_s1    (3, 3, 128, 256)    (256, 128, 3, 3)    maps.4.0
    conv4_s1    (3, 3, 256, 256)    (256, 256, 3, 3)    maps.5.0
    conv5_s1    (3, 3, 256, 256)    (256, 256, 3, 3)    maps.6.0
    fc6_s1      (12544, 512)        (512, 12544)        head.fc6.0, a convolution of 7 x 7
    fc7_sketch  (512, 256)          (256, 512)          head.fc7
    conv1       (1, 1, 256, 256)                        attention.score.0, DSSA only
    conv2       (1, 1, 256, 1)                          attention.score.2, DSSA only

FC6 reads the maps as (row, column, channel) in TensorFlow and as (channel, row, column) in Caffe. Their input is the
grey value, 0 to 255 and 255 on white, less a mean of 250.42; ours is ink, 0 on white to 1. The difference is put into the
first convolution, so that both networks compute the same.

A file is a NumPy archive (.npz), .safetensors, or the .npy that their scripts write: a dictionary of
"conv1_s1/weights:0", of {"weights", "biases"} per layer, or of [weights, biases]. A .caffemodel has to be exported first,
with pycaffe: `np.savez(path, **{f"{name}/{part}": blob.data for ...})`. Nothing else than arrays is read from a pickle.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file
from torch import Tensor

from ml.errors import ModelError, SketchError
from ml.sketch.formats.npy import read_npy
from ml.sketch.formats.pickles import Numbers

LAYERS = {
    "conv1_s1": ("maps.0.0", (64, 1, 15, 15)),
    "conv2_s1": ("maps.2.0", (128, 64, 5, 5)),
    "conv3_s1": ("maps.4.0", (256, 128, 3, 3)),
    "conv4_s1": ("maps.5.0", (256, 256, 3, 3)),
    "conv5_s1": ("maps.6.0", (256, 256, 3, 3)),
    "fc6_s1": ("head.fc6.0", (512, 256, 7, 7)),
    "fc7_sketch": ("head.fc7", (256, 512)),
}
ATTENTION = {
    "conv1": ("attention.score.0", (256, 256, 1, 1)),
    "conv2": ("attention.score.2", (1, 256, 1, 1)),
}
MEAN, WHITE = 250.42, 255.0
_PARTS = {"weights": "weight", "biases": "bias"}
Arrays = Mapping[str, NDArray[Any]]


def read_layers(path: Path) -> dict[str, NDArray[Any]]:
    """Return the arrays of a file as "layer/weights" and "layer/biases". Raises ModelError if it holds something else."""
    try:
        found = _content(path)
        layers: dict[str, NDArray[Any]] = {}
        for name, value in found.items():
            if isinstance(value, Mapping):
                layers |= {f"{name}/{part}": _array(array) for part, array in value.items()}
            elif isinstance(value, list | tuple) and len(value) == len(_PARTS):
                layers |= {f"{name}/{part}": _array(array) for part, array in zip(_PARTS, value, strict=True)}
            else:
                layers[str(name).removesuffix(":0")] = _array(value)
    except (OSError, ValueError, SafetensorError) as error:
        raise ModelError("--weights", f"{path} cannot be read: {error}") from None
    except SketchError as error:  # of the reader of .npy
        raise ModelError("--weights", f"{path} cannot be read: {error.message}") from None
    return layers


def _content(path: Path) -> Mapping[str, Any]:
    """Return the dictionary that a file holds, with arrays as they were read."""
    if path.suffix == ".safetensors":
        return load_file(path)
    if path.suffix != ".npy":
        with np.load(path, allow_pickle=False) as archive:
            return dict(archive)
    items = read_npy(path.read_bytes())
    if isinstance(items, np.ndarray) or len(items) != 1 or not isinstance(items[0], Mapping):
        raise ValueError("it holds no dictionary of layers")
    return items[0]


def _array(value: object) -> NDArray[Any]:
    return value.array(field="npy") if isinstance(value, Numbers) else np.asarray(value)


def branch_state(layers: Arrays, *, attention: bool) -> dict[str, Tensor]:
    """Return the state of `SketchANet`, or of `Dssa` with attention, each without BatchNorm, that computes the same.

    Raises ModelError naming a layer that is missing or of another shape. Others, such as an optimiser's, are left out.
    """
    state: dict[str, Tensor] = {}
    for layer, (ours, shape) in (LAYERS | (ATTENTION if attention else {})).items():
        for part, name in _PARTS.items():
            if f"{layer}/{part}" not in layers:
                raise ModelError("--weights", f"{layer}/{part} is missing; found {_some(layers)}")
            array = np.asarray(layers[f"{layer}/{part}"], dtype=np.float64)
            value = _weights(array, shape, layer) if part == "weights" else _biases(array, shape, layer)
            state[f"{ours}.{name}"] = torch.from_numpy(np.ascontiguousarray(value))
    first = state["maps.0.0.weight"]
    state["maps.0.0.bias"] = state["maps.0.0.bias"] + (WHITE - MEAN) * first.sum((1, 2, 3))
    state["maps.0.0.weight"] = -WHITE * first
    return {name: value.float() for name, value in state.items()}


def _weights(array: NDArray[Any], shape: tuple[int, ...], layer: str) -> NDArray[Any]:
    """Return weights in our order, from that of TensorFlow or of Caffe."""
    out, *inner = shape
    orders: dict[tuple[int, ...], NDArray[Any]]
    if len(shape) == 2:
        orders = {shape: array.reshape(-1), shape[::-1]: array.T.reshape(-1)}
    else:
        channels, height, width = inner
        maps = (height, width, channels, out)
        theirs = array.reshape(maps).transpose(3, 2, 0, 1) if array.size == np.prod(shape) else array
        flat = channels * height * width
        orders = {shape: array, maps: theirs, (out, flat): array, (flat, out): theirs}
    if array.shape not in orders or array.size != np.prod(shape):
        expected = " or ".join(str(order) for order in orders)
        raise ModelError("--weights", f"{layer}/weights has shape {array.shape}, expected {expected}")
    found: NDArray[Any] = orders[array.shape].reshape(shape)
    return found


def _biases(array: NDArray[Any], shape: tuple[int, ...], layer: str) -> NDArray[Any]:
    if array.size != shape[0]:
        raise ModelError("--weights", f"{layer}/biases has shape {array.shape}, expected ({shape[0]},)")
    return array.reshape(-1)


def _some(layers: Arrays) -> str:
    return ", ".join(sorted(layers)[:8]) or "nothing"

"""Export a trained recogniser as a model folder: weights, ONNX in fp32 and int8, reference inputs, manifest."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ml.models.recogniser import RecogniserNetwork
from ml.serving.recogniser_files import RecogniserManifest, RecogniserReference
from ml.serving.reference import REFERENCE
from ml.serving.session import open_session
from ml.sketch.raster import RasterSpec
from ml.training.checkpoint import write_atomically
from ml.training.export import write_onnx
from ml.training.model_folder import MANIFEST, WEIGHTS, write_weights
from ml.training.quantise import Feed, quantise

FP32, INT8 = (RecogniserManifest.onnx_file(precision) for precision in ("fp32", "int8"))
FILES = (WEIGHTS, FP32, INT8, REFERENCE)
Images = NDArray[np.uint8]


def export_recogniser(
    network: RecogniserNetwork, folder: Path, side_px: int, *, calibration: Images, reference: Images
) -> None:
    """Write weights, both ONNX files, and the reference that the network is compared with on load.

    calibration, reference: training images, uint8 (N, S, S), for the ranges of int8's activations, and for the reference.
    """
    folder.mkdir(parents=True, exist_ok=True)
    network = network.cpu().eval()
    write_weights(folder / WEIGHTS, network)
    example = (torch.zeros(2, 1, side_px, side_px),)
    write_onnx(network, example, folder / FP32, inputs=("image",), outputs=("logits",))
    quantise(folder / FP32, folder / INT8, map(_feed, calibration))
    session = open_session(folder / FP32)
    logits = [session.run(["logits"], _feed(image))[0] for image in reference]
    made = RecogniserReference(reference, np.concatenate(logits))
    write_atomically(folder / REFERENCE, made.content())


def _feed(image: Images) -> Feed:
    return {"image": image[None, None].astype(np.float32)}


def write_manifest(folder: Path, spec: RasterSpec, facts: Mapping[str, Any]) -> None:
    """Write model.json for the exported files. facts: name, names, precision, temperature, thresholds, metrics."""
    files = {name: sha256((folder / name).read_bytes()).hexdigest() for name in FILES}
    manifest = {**facts, "raster": asdict(spec), "files": files}
    write_atomically(folder / MANIFEST, (json.dumps(manifest, indent=2) + "\n").encode())

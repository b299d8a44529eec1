"""Export a trained encoder as a model folder: safetensors weights, ONNX in fp32 and int8, reference inputs, manifest.

Static quantisation (per channel, calibrated on real inputs of all three domains) is twice as fast as fp32; dynamic
quantisation is slower than fp32 for convolutions.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray
from torch import nn

from ml.models.sketch_encoder import DOMAINS, SketchEncoder
from ml.retrieval.packing import pack
from ml.serving.reference import REFERENCE, Reference
from ml.sketch.raster import RasterSpec
from ml.training.checkpoint import write_atomically
from ml.training.model_folder import MANIFEST as MANIFEST
from ml.training.model_folder import WEIGHTS, write_weights
from ml.training.onnx_head import CENTRES, with_centres, with_head
from ml.training.quantise import quantise

FP32, INT8 = "encoder.fp32.onnx", "encoder.int8.onnx"
FILES = (WEIGHTS, FP32, INT8, REFERENCE)
Sample = tuple[NDArray[np.uint8], int]  # an image (S, S, 3) and its domain
PER_DOMAIN = 24  # number of reference inputs


def export_onnx(
    encoder: SketchEncoder, folder: Path, samples: list[Sample], reference: Sequence[Sample]
) -> None:
    """Write both ONNX files, and the reference that the encoder is compared with on load.

    samples: a few hundred (image, domain) pairs of the training split for calibration, images uint8 (S, S, 3). reference:
    further pairs, of which the first `PER_DOMAIN` of each domain are kept.
    """
    folder.mkdir(parents=True, exist_ok=True)
    encoder = encoder.cpu().eval()
    side = encoder.config.image_size_px
    example = (torch.zeros(2, 3, side, side), torch.zeros(2, dtype=torch.int64))
    outputs = ("embedding", "hash_logits", "projection")
    zero = torch.zeros_like(encoder.catalogue_centres)
    # The exporter merges equal constants, and `centres` may be zero, too.
    encoder.catalogue_centres.fill_(torch.nan)
    write_onnx(encoder, example, folder / FP32, inputs=("image", "domain"), outputs=outputs)
    encoder.catalogue_centres.copy_(zero)
    write_atomically(folder / FP32, with_head(folder / FP32, {CENTRES: zero.numpy()}))
    quantise(folder / FP32, folder / INT8, map(_feed, samples))
    for name in (FP32, INT8):
        write_atomically(folder / name, with_centres(folder / name))
    write_reference(folder, _first(reference))


def write_onnx(
    network: nn.Module,
    example: tuple[torch.Tensor, ...],
    path: Path,
    *,
    inputs: Sequence[str],
    outputs: Sequence[str],
) -> None:
    """Write a network as ONNX, traced on an example of a batch; the first axis of each input and output is the batch."""
    torch.onnx.export(
        network,
        example,
        str(path),
        input_names=list(inputs),
        output_names=list(outputs),
        dynamic_axes={name: {0: "batch"} for name in (*inputs, *outputs)},
        opset_version=17,
        dynamo=False,
    )


def write_reference(folder: Path, samples: Sequence[Sample]) -> None:
    """Write `reference.npz`: the images and the outputs of the fp32 file."""
    session = onnxruntime.InferenceSession(folder / FP32, providers=["CPUExecutionProvider"])
    images, domains = np.stack([image for image, _ in samples]), np.array([domain for _, domain in samples])
    embeddings, logits = [], []
    for sample in samples:
        outputs = session.run(["embedding", "hash_logits"], _feed(sample))
        embeddings.append(outputs[0])
        logits.append(outputs[1])
    made = Reference(
        images, domains.astype(np.int64), np.concatenate(embeddings), pack(np.concatenate(logits))
    )
    write_atomically(folder / REFERENCE, made.content())


def _feed(sample: Sample) -> dict[str, NDArray[Any]]:
    image, domain = sample
    planes = np.ascontiguousarray(image.transpose(2, 0, 1)[None], np.float32)
    return {"image": planes, "domain": np.array([domain])}


def _first(samples: Sequence[Sample]) -> list[Sample]:
    """Return the first images of each domain."""
    found: list[Sample] = []
    for domain in range(len(DOMAINS)):
        found += [sample for sample in samples if sample[1] == domain][:PER_DOMAIN]
    return found


def write_manifest(
    encoder: SketchEncoder, folder: Path, spec: RasterSpec, facts: Mapping[str, Any]
) -> dict[str, Any]:
    """Write weights.safetensors and model.json for the exported files and return the manifest.

    facts: name, version, system, precision, score thresholds, metrics.
    """
    write_weights(folder / WEIGHTS, encoder)
    manifest: dict[str, Any] = {
        **facts,
        "embedding_dim": encoder.config.embedding_dim,
        "code_length": encoder.config.code_length,
        "encoder": asdict(encoder.config),
        "raster": asdict(spec),
        "inputs": {name: number for number, name in enumerate(DOMAINS)},
        "gallery_inputs": ["photo", "edge"],
        "files": {name: sha256((folder / name).read_bytes()).hexdigest() for name in FILES},
    }
    write_atomically(folder / MANIFEST, (json.dumps(manifest, indent=2) + "\n").encode())
    return manifest

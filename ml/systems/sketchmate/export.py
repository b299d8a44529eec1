"""Export a trained SketchMate or deep hasher as an ONNX file that encodes one sketch.

Inputs of the file, depending on its branches: `ink` float (1, 1, S, S) in 0..1, 1 on the lines; `steps` float (1, T, 4).
Output: `logits` (1, K). A single sequence needs no packing.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path

import torch
from torch import Tensor, nn

from ml.models.sketchmate.network import SketchMate
from ml.serving.hasher import ENCODER, MANIFEST, record_reference
from ml.sketch.sequence import STEP_DIM
from ml.systems.sketchmate.scorer import SketchHasher
from ml.training.checkpoint import write_atomically


class _SingleSketch(nn.Module):
    """The network for one sketch."""

    def __init__(self, model: SketchMate) -> None:
        super().__init__()
        self.model = model

    def forward(self, *inputs: Tensor) -> Tensor:
        waiting = list(inputs)
        parts = []
        if self.model.cnn is not None:
            parts.append(self.model.cnn(waiting.pop(0)))
        if self.model.rnn is not None:
            parts.append(self.model.rnn(waiting.pop(0), None))
        logits: Tensor = self.model.embed(torch.cat(parts, dim=1))
        return logits


def export_hasher(hasher: SketchHasher, folder: Path) -> Path:
    """Write `hasher.onnx` and its manifest into a folder and return the path of the ONNX file."""
    model, settings = hasher.model.cpu().float().eval(), hasher.settings
    inputs, names = [], []
    if model.cnn is not None:
        inputs.append(torch.zeros(1, 1, settings.image_size_px, settings.image_size_px))
        names.append("ink")
    if model.rnn is not None:
        inputs.append(torch.zeros(1, 7, STEP_DIM))
        names.append("steps")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / ENCODER
    torch.onnx.export(
        _SingleSketch(model).eval(),
        tuple(inputs),
        str(path),
        input_names=names,
        output_names=["logits"],
        dynamic_axes={"steps": {1: "points"}} if "steps" in names else None,
        opset_version=17,
        dynamo=False,
    )
    manifest = {
        "code_length": hasher.code_length,
        "inputs": names,
        "raster": asdict(settings.raster),
        "max_points": settings.max_points,
        "sha256": sha256(path.read_bytes()).hexdigest(),
    }
    write_atomically(folder / MANIFEST, (json.dumps(manifest, indent=2) + "\n").encode())
    record_reference(folder)
    return path

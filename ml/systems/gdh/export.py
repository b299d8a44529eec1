"""Export a trained GDH as two ONNX files, an encoder for queries and one for the gallery.

hasher.onnx     `ink` float (1, 1, S, S) in 0..1, 1 on the lines -> `logits` (1, K): H(G_I(S)), for `ml.serving.hasher`
gallery.onnx    `photo` float (B, 3, S, S) in 0..255, framed -> `logits` (B, K), and `mask` (B, 1, S, S) if it has one
"""

from __future__ import annotations

import json
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path

import torch
from torch import Tensor, nn

from ml.models.gdh.network import Gdh
from ml.serving.hasher import ENCODER, MANIFEST, record_reference
from ml.systems.gdh.scorer import GdhHasher
from ml.training.checkpoint import write_atomically

GALLERY = "gallery.onnx"
_POINTS = 200  # required by the manifest, but only used by systems that read strokes


class _Query(nn.Module):
    """Ink to logits."""

    def __init__(self, model: Gdh) -> None:
        super().__init__()
        self.model = model

    def forward(self, ink: Tensor) -> Tensor:
        return self.model.query((1 - 2 * ink).repeat(1, 3, 1, 1))


class _Gallery(nn.Module):
    """A framed photo to logits and its mask."""

    def __init__(self, model: Gdh) -> None:
        super().__init__()
        self.model = model

    def forward(self, photo: Tensor) -> tuple[Tensor, ...]:
        inputs = photo / 127.5 - 1
        config = self.model.config
        if not config.attention or config.embedding == "sketch" or config.mix_up != "none":
            return (self.model.gallery(inputs),)
        mask = self.model.to_sketch.mask(inputs)
        assert mask is not None
        return self.model.gallery(inputs, mask), mask


def export_hasher(hasher: GdhHasher, folder: Path) -> tuple[Path, Path]:
    """Write both encoders and the manifest into a folder and return the paths of the encoders."""
    model, settings = hasher.model.cpu().float().eval(), hasher.settings
    folder.mkdir(parents=True, exist_ok=True)
    query, gallery = folder / ENCODER, folder / GALLERY
    side = settings.image_size_px
    photo = torch.zeros(2, 3, side, side)
    with torch.no_grad():
        n_outputs = len(_Gallery(model)(photo))
    names = ["logits", "mask"][:n_outputs]
    torch.onnx.export(
        _Query(model).eval(),
        (torch.zeros(1, 1, side, side),),
        str(query),
        input_names=["ink"],
        output_names=["logits"],
        opset_version=17,
        dynamo=False,
    )
    torch.onnx.export(
        _Gallery(model).eval(),
        (photo,),
        str(gallery),
        input_names=["photo"],
        output_names=names,
        dynamic_axes={name: {0: "batch"} for name in ("photo", *names)},
        opset_version=17,
        dynamo=False,
    )
    manifest = {
        "code_length": hasher.code_length,
        "inputs": ["ink"],
        "raster": asdict(settings.frame_spec.raster),
        "max_points": _POINTS,
        "sha256": sha256(query.read_bytes()).hexdigest(),
        "gallery_sha256": sha256(gallery.read_bytes()).hexdigest(),
    }
    write_atomically(folder / MANIFEST, (json.dumps(manifest, indent=2) + "\n").encode())
    record_reference(folder)
    return query, gallery

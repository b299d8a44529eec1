"""The state that GDH trains: networks, discriminators and current codes, and the encoding of images."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ml.datasets.frames import Kind
from ml.models.gdh.network import Discriminator, Gdh
from ml.systems.gdh.config import GdhSettings
from ml.systems.gdh.data import GdhData, Rows, as_input, images
from ml.training.device import autocast

_BATCH = 64
Floats = NDArray[np.float32]


class GdhLearner(nn.Module):
    """The networks, their discriminators, and the current codes of the training images, int8 (N, K)."""

    photo_codes: Tensor
    sketch_codes: Tensor
    semantic_value: Tensor  # of Eq. 4 at the last code step

    def __init__(self, model: Gdh, data: GdhData, settings: GdhSettings) -> None:
        super().__init__()
        self.model = model
        self.photo_critic = Discriminator(model.config) if settings.gan else None  # D_I
        self.sketch_critic = Discriminator(model.config) if settings.gan else None  # D_S
        self.register_buffer("semantic_value", torch.zeros(()))
        generator = torch.Generator().manual_seed(settings.seed)
        for name, rows in (("photo_codes", data.photos), ("sketch_codes", data.sketches)):
            n = len(rows) if data.factorises else 0
            start = torch.randint(0, 2, (n, settings.code_length), generator=generator)
            self.register_buffer(name, (2 * start - 1).to(torch.int8))


def encode(model: Gdh, data: GdhData, kind: Kind, rows: Rows, settings: GdhSettings) -> Floats:
    """Return hash logits, float32 (N, K), of sketches or gallery images without augmentation, in eval mode."""
    training = model.training
    model.eval()
    device = next(model.parameters()).device
    parts = []
    with torch.inference_mode(), autocast(device, settings.precision):
        for start in range(0, len(rows), _BATCH):
            pixels = images(data.dataset, kind, rows[start : start + _BATCH], settings)
            inputs = as_input(pixels).to(device)
            parts.append(model.query(inputs) if kind == "sketch" else model.gallery(inputs))
    model.train(training)
    if not parts:
        return np.zeros((0, settings.code_length), np.float32)
    return np.asarray(torch.cat(parts).float().cpu().numpy(), dtype=np.float32)

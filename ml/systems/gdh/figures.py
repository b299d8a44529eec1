"""Migrated images in both directions, as PNG (GDH, Fig. 4)."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from ml.models.gdh.network import Gdh
from ml.training.checkpoint import write_atomically

GAP_PX = 4


def write_migrated(path: Path, model: Gdh, sketches: Tensor, photos: Tensor) -> Path:
    """Write an image of five rows: sketches, G_I of sketches, photos, masked photos, G_S of photos. Returns the file.

    sketches, photos: (N, 3, S, S) in -1..1, one column each. The model is used in eval mode. Without attention, the
    fourth row repeats the third.
    """
    training = model.training
    model.eval()
    device = next(model.parameters()).device
    with torch.inference_mode():
        drawn, shown = sketches.to(device), photos.to(device)
        migrated, mask = model.to_sketch(shown)
        rows = [drawn, model.to_photo(drawn)[0], shown, model.masked(shown, mask), migrated]
    model.train(training)
    picture = np.concatenate([_row(row) for row in rows])
    with BytesIO() as buffer:
        Image.fromarray(picture).save(buffer, "PNG", optimize=True)
        write_atomically(path, buffer.getvalue())
    return path


def _row(images: Tensor) -> NDArray[np.uint8]:
    """Join images (N, 3, S, S) side by side, uint8 (S + gap, N (S + gap), 3)."""
    pixels = ((images.float().cpu().clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8).permute(0, 2, 3, 1)
    framed = np.pad(pixels.numpy(), ((0, 0), (0, GAP_PX), (0, GAP_PX), (0, 0)), constant_values=np.uint8(255))
    return np.concatenate(list(framed), axis=1)

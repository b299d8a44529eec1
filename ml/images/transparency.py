"""Transparent pictures on a ground: white, or the one on which a drawing can be seen."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

_WHITE, _BLACK = 255, 0


def on_white(layers: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return RGB or RGBA, uint8 (H, W, 3 or 4), as RGB, uint8 (H, W, 3), with transparent parts white."""
    return _on(layers, _WHITE)


def on_contrast(layers: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return RGB or RGBA, uint8 (H, W, 3 or 4), as RGB, uint8 (H, W, 3); black below light ink, else white.

    Ink is what borders on transparent parts.
    """
    if layers.shape[2] == 3:
        return layers
    visible = (layers[..., 3] > 127).astype(np.uint8)
    border = visible > cv2.erode(visible, np.ones((3, 3), dtype=np.uint8), borderValue=1)
    grey = cv2.cvtColor(layers[..., :3], cv2.COLOR_RGB2GRAY)[border]
    return _on(layers, _BLACK if len(grey) and np.median(grey) > 127 else _WHITE)


def _on(layers: NDArray[np.uint8], ground: int) -> NDArray[np.uint8]:
    if layers.shape[2] == 3:
        return layers
    alpha = layers[..., 3:].astype(np.float32) / 255
    return np.asarray((layers[..., :3] * alpha + ground * (1 - alpha)).round(), dtype=np.uint8)

"""From a rendered picture to a product photo: tone, rim, shadow on white, size."""

import cv2
import numpy as np
from numpy.typing import NDArray

_GAMMA = 0.86
_RIM = 0.16
"""How much a pale piece darkens at its outline, as with black cards beside the set of a product photo."""


def finish_photo(
    rgb: NDArray[np.uint8], depth: NDArray[np.float64], light: NDArray[np.float32] | None, pixels: int
) -> NDArray[np.uint8]:
    """Compose a supersampled render (S, S, 3) with its depth over white and the floor's light: (pixels, pixels, 3)."""
    solid = np.isfinite(depth)
    picture = (rgb.astype(np.float32) / 255) ** _GAMMA
    inside = cv2.GaussianBlur(solid.astype(np.float32), (0, 0), len(rgb) / 190)
    edge = np.clip(2 * (1 - inside), 0, 1) ** 1.5
    paleness = np.clip((picture.mean(axis=2) - 0.55) / 0.4, 0, 1)
    picture *= (1 - _RIM * edge * paleness)[:, :, None]
    ground = np.ones_like(picture) if light is None else np.repeat(light[:, :, None], 3, axis=2)
    composed = np.where(solid[:, :, None], picture, ground)
    small = cv2.resize(composed, (pixels, pixels), interpolation=cv2.INTER_AREA)
    return np.clip(np.round(small * 255), 0, 255).astype(np.uint8)

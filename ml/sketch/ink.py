"""Find the ink of a drawing in its picture: a scan, a screenshot, or a photo of paper under uneven light."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.sketch.ruling import without_ruling

WORK_SIDE_PX = 512  # longer side at which ink is sought
_MIN_DEPTH = 0.086  # relative to the ground, of the faintest ink
_WIDEST_PX = 31  # lines wider than this are areas
_CONTRAST = 22  # grey levels
_DARKEST_GROUND = 40.0  # grey levels; the noise of darker grounds would look like ink


@dataclass(frozen=True, slots=True)
class Ink:
    """Lines that contrast with the ground around them; arrays are (H, W[, 3]), the longer side at most WORK_SIDE_PX."""

    mask: NDArray[np.bool_]
    depth: NDArray[np.float32]  # how much darker than the ground, 0..1
    rgb: NDArray[np.uint8]  # the picture, inverted if its ink is light
    ground: NDArray[np.uint8]  # the picture without its lines, (H, W, 3)


def find_ink(rgb: NDArray[np.uint8]) -> Ink:
    """Find the ink of a picture, uint8 (H, W, 3), dark on light or light on dark, under any lighting of the paper.

    Shadows are divided out, and the lines of ruled or squared paper removed.
    """
    rgb = _shrunk(rgb)
    if _ink_is_light(rgb):
        rgb = 255 - rgb
    ground = cv2.morphologyEx(rgb, cv2.MORPH_CLOSE, np.ones((_WIDEST_PX, _WIDEST_PX), dtype=np.uint8))
    light = np.maximum(cv2.GaussianBlur(ground, (0, 0), 12), _DARKEST_GROUND).astype(np.float32)
    depths = cv2.GaussianBlur(np.clip(1 - rgb / light, 0, 1), (0, 0), 0.8)
    depth = without_ruling(np.asarray(depths, dtype=np.float32))
    otsu, _ = cv2.threshold((depth * 255).astype(np.uint8), 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    strong = depth > max(_MIN_DEPTH, otsu / 255)
    weak = depth > max(_MIN_DEPTH * 0.6, 0.6 * otsu / 255)
    # Hysteresis: a fading pencil line stays connected, and the paper's grain does not start a line.
    n, labels = cv2.connectedComponents(weak.view(np.uint8), connectivity=8)
    kept = np.bincount(labels[strong], minlength=n) >= 4
    kept[0] = False
    return Ink(kept[labels], depth, rgb, np.asarray(ground, dtype=np.uint8))


def _shrunk(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    scale = WORK_SIDE_PX / max(rgb.shape[:2])
    if scale >= 1:
        return np.ascontiguousarray(rgb)
    size = (max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale)))
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _ink_is_light(rgb: NDArray[np.uint8]) -> bool:
    """Return whether the lines are lighter than their ground: on a board or a dark screen, not on paper in the dark."""
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    if np.median(grey) >= 128:
        return False
    contrast = grey.astype(np.int16) - cv2.medianBlur(grey, 2 * _WIDEST_PX + 1)  # ink is the rarer of the two
    return bool(np.count_nonzero(contrast > _CONTRAST) > np.count_nonzero(contrast < -_CONTRAST))

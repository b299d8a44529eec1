"""A picture of a drawing (photo of paper, screenshot) to strokes, so that uploads take the same path as
strokes.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.errors import SketchError
from ml.sketch.strokes import LIMITS, Sketch, SketchLimits, sketch_from_xy
from ml.sketch.thinning import thin, walk

WORK_SIDE_PX = 512  # pictures are traced at this longer side
_LEAST_CONTRAST = 22.0  # grey levels below the ground that count as ink
_MAX_SKELETON_PX = 30_000  # a drawing has some thousand; more is a texture
_TOLERANCE_PX = 0.8


@dataclass(frozen=True, slots=True)
class Ink:
    """What is drawn on a light ground."""

    mask: NDArray[np.bool_]  # (H, W), the longer side at most WORK_SIDE_PX
    ground: float  # median brightness of the picture, 0..255
    colour: float  # median saturation of the picture, 0..1


def find_ink(rgb: NDArray[np.uint8]) -> Ink:
    """What is darker than the ground around it in a picture (H, W, 3), however the paper is lit."""
    scale = WORK_SIDE_PX / max(rgb.shape[:2])
    if scale < 1:
        size = (max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale)))
        rgb = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    rgb = np.ascontiguousarray(rgb)
    darkest = rgb.min(axis=2)  # coloured pens are dark in one channel at least
    kernel = np.ones((31, 31), dtype=np.uint8)
    ground = cv2.GaussianBlur(cv2.morphologyEx(darkest, cv2.MORPH_CLOSE, kernel), (0, 0), 12)
    depth = cv2.GaussianBlur(cv2.subtract(ground, darkest), (0, 0), 0.8)
    otsu, _ = cv2.threshold(depth, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    strong = depth > max(_LEAST_CONTRAST, otsu)
    weak = depth > max(_LEAST_CONTRAST * 0.6, 0.6 * otsu)
    # Hysteresis: a pencil line that fades stays one line, shadows of the paper's grain do not start one.
    n, labels = cv2.connectedComponents(weak.view(np.uint8), connectivity=8)
    kept = np.bincount(labels[strong], minlength=n) >= 4
    kept[0] = False
    highest = rgb.max(axis=2).astype(np.float32)
    saturation = (highest - darkest) / np.maximum(highest, 1.0)
    return Ink(kept[labels], float(np.median(highest)), float(np.median(saturation)))


def trace(rgb: NDArray[np.uint8], *, limits: SketchLimits = LIMITS, field: str = "image") -> Sketch:
    """The strokes of a picture (H, W, 3) of dark lines on a light ground, in its pixels; long strokes first.

    Raises SketchError when there are no lines, or more than a drawing has.
    """
    ink = find_ink(rgb)
    skeleton = thin(ink.mask)
    length = int(np.count_nonzero(skeleton))
    if length > _MAX_SKELETON_PX:
        raise SketchError(field, "too much detail for a line drawing")
    if length == 0:
        raise SketchError(field, "no dark lines on a light ground found")
    width_px = np.count_nonzero(ink.mask) / length
    shortest = max(4.0, 1.5 * width_px)  # thinning leaves spurs up to about half the line's width
    chains = [
        np.array(chain, dtype=np.float64)[:, ::-1]
        for chain in walk(skeleton, reach=min(12, max(3, round(1.5 * width_px))))
    ]
    lines = [chain for chain in chains if len(chain) >= shortest]
    dots = [] if lines else chains  # nothing but dots is a drawing of dots
    lines.sort(key=len, reverse=True)
    scale = max(rgb.shape[:2]) / max(skeleton.shape)
    strokes = [(_simplified(line) + 0.5) * scale for line in (lines or dots)[: limits.max_strokes]]
    return sketch_from_xy(strokes, rgb.shape[1], rgb.shape[0])


def _simplified(chain: NDArray[np.float64]) -> NDArray[np.float64]:
    """A pixel chain (n, 2) without its stairs, and with the points that its shape needs."""
    if len(chain) > 4:
        smooth = chain.copy()
        smooth[1:-1] = (chain[:-2] + 2 * chain[1:-1] + chain[2:]) / 4
        smooth[2:-2] = (smooth[1:-3] + 2 * smooth[2:-2] + smooth[3:-1]) / 4
        chain = smooth
    simple = cv2.approxPolyDP(chain.astype(np.float32)[:, None], _TOLERANCE_PX, False)
    return np.asarray(simple[:, 0], dtype=np.float64)


def looks_like_sketch(rgb: NDArray[np.uint8]) -> bool:
    """Whether a picture (H, W, 3) is a line drawing rather than a photo.

    A mostly light, nearly colourless ground with a little ink, in lines that are thin and evenly so. A
    product photo on white fails on its areas: what is dark there is wide, or of many widths.
    """
    ink = find_ink(rgb)
    if ink.ground < 110 or ink.colour > 0.35 or not 0.0005 < ink.mask.mean() < 0.22:
        return False
    distance = cv2.distanceTransform(ink.mask.view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5)
    half_width = distance[thin(ink.mask)]  # of the lines, at each of their pixels
    if not len(half_width):
        return False
    median, wide, widest = np.percentile(half_width, [50, 90, 99])
    thin_lines = wide <= 0.018 * max(ink.mask.shape)
    return bool(thin_lines and wide <= 1.6 * median + 1 and widest <= 4 * median + 2)

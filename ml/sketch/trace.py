"""Trace an image of a drawing (photo of paper, screenshot) to strokes, so that uploads are processed like drawings."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.errors import SketchError
from ml.sketch.strokes import LIMITS, Sketch, SketchLimits, sketch_from_xy
from ml.sketch.thinning import thin, walk

WORK_SIDE_PX = 512  # longer side at which images are traced
_MIN_CONTRAST = 22.0  # grey levels below the background that count as ink
_MAX_SKELETON_PX = 30_000  # a drawing has a few thousand; more is a texture
_TOLERANCE_PX = 0.8


@dataclass(frozen=True, slots=True)
class Ink:
    """The ink of a drawing on a light background."""

    mask: NDArray[np.bool_]  # (H, W), the longer side at most WORK_SIDE_PX
    ground: float  # median brightness of the image, 0..255
    colour: float  # median saturation of the image, 0..1


def find_ink(rgb: NDArray[np.uint8]) -> Ink:
    """Find pixels darker than their local background in an image, uint8 (H, W, 3), under any lighting of the paper."""
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
    strong = depth > max(_MIN_CONTRAST, otsu)
    weak = depth > max(_MIN_CONTRAST * 0.6, 0.6 * otsu)
    # Hysteresis: a fading pencil line stays connected, and shadows of the paper's grain do not start a line.
    n, labels = cv2.connectedComponents(weak.view(np.uint8), connectivity=8)
    kept = np.bincount(labels[strong], minlength=n) >= 4
    kept[0] = False
    highest = rgb.max(axis=2).astype(np.float32)
    saturation = (highest - darkest) / np.maximum(highest, 1.0)
    return Ink(kept[labels], float(np.median(highest)), float(np.median(saturation)))


def trace(rgb: NDArray[np.uint8], *, limits: SketchLimits = LIMITS, field: str = "image") -> Sketch:
    """Return the strokes of an image, uint8 (H, W, 3), of dark lines on a light background, in its pixels, longest first.

    Raises SketchError if there are no lines, or more than in a drawing.
    """
    ink = find_ink(rgb)
    skeleton = thin(ink.mask)
    length = int(np.count_nonzero(skeleton))
    if length > _MAX_SKELETON_PX:
        raise SketchError(field, "too much detail for a line drawing")
    if length == 0:
        raise SketchError(field, "no dark lines on a light background found")
    width_px = np.count_nonzero(ink.mask) / length
    shortest = max(4.0, 1.5 * width_px)  # thinning leaves spurs up to about half the line's width
    chains = [
        np.array(chain, dtype=np.float64)[:, ::-1]
        for chain in walk(skeleton, reach=min(12, max(3, round(1.5 * width_px))))
    ]
    lines = [chain for chain in chains if len(chain) >= shortest]
    dots = [] if lines else chains  # a drawing may consist of dots only
    lines.sort(key=len, reverse=True)
    scale = max(rgb.shape[:2]) / max(skeleton.shape)
    strokes = [(_simplified(line) + 0.5) * scale for line in (lines or dots)[: limits.max_strokes]]
    return sketch_from_xy(strokes, rgb.shape[1], rgb.shape[0])


def _simplified(chain: NDArray[np.float64]) -> NDArray[np.float64]:
    """Smooth the steps of a pixel chain (n, 2) and keep the points that its shape needs."""
    if len(chain) > 4:
        smooth = chain.copy()
        smooth[1:-1] = (chain[:-2] + 2 * chain[1:-1] + chain[2:]) / 4
        smooth[2:-2] = (smooth[1:-3] + 2 * smooth[2:-2] + smooth[3:-1]) / 4
        chain = smooth
    simple = cv2.approxPolyDP(chain.astype(np.float32)[:, None], _TOLERANCE_PX, False)
    return np.asarray(simple[:, 0], dtype=np.float64)


def looks_like_sketch(rgb: NDArray[np.uint8]) -> bool:
    """Return whether an image, uint8 (H, W, 3), is a line drawing rather than a photo.

    A drawing has a mostly light, nearly colourless background with little ink in thin lines of even width. In a product
    photo on white, dark areas are wide or of varying width.
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

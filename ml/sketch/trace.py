"""Trace an image of a drawing (photo of paper, screenshot) to strokes, so that uploads are processed like drawings."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.errors import SketchError, gettext_noop
from ml.sketch.ink import find_ink
from ml.sketch.strokes import LIMITS, Sketch, SketchLimits, sketch_from_xy
from ml.sketch.thinning import thin, walk

TOO_MUCH_DETAIL = gettext_noop("too much detail for a line drawing")
_MAX_SKELETON_PX = 30_000  # a drawing has a few thousand; more is a texture
_TOLERANCE_PX = 0.8


def trace(rgb: NDArray[np.uint8], *, limits: SketchLimits = LIMITS, field: str = "image") -> Sketch:
    """Return the strokes of an image, uint8 (H, W, 3), of lines on a plain ground, in its pixels, longest first.

    Raises SketchError if there are no lines, or more than in a drawing.
    """
    return trace_mask(find_ink(rgb).mask, rgb.shape[1], rgb.shape[0], limits=limits, field=field)


def trace_lines(lines: NDArray[np.uint8], *, limits: SketchLimits = LIMITS, field: str = "image") -> Sketch:
    """Return the strokes of a clean line image, uint8 (H, W), black on white, such as an edge map; faster than `trace`.

    Raises SketchError as `trace` does.
    """
    return trace_mask(lines < 128, lines.shape[1], lines.shape[0], limits=limits, field=field)


def trace_mask(
    mask: NDArray[np.bool_], width: int, height: int, *, limits: SketchLimits, field: str
) -> Sketch:
    """Return the strokes of a mask of ink, bool (h, w), in the pixels of an image of width x height.

    Raises SketchError if there are no lines, or more than in a drawing.
    """
    skeleton = thin(mask)
    length = int(np.count_nonzero(skeleton))
    if length > _MAX_SKELETON_PX:
        raise SketchError(field, TOO_MUCH_DETAIL)
    if length == 0:
        raise SketchError(field, gettext_noop("no lines found that stand out from a plain background"))
    width_px = np.count_nonzero(mask) / length
    shortest = max(4.0, 1.5 * width_px)  # thinning leaves spurs up to about half the line's width
    chains = [
        np.array(chain, dtype=np.float64)[:, ::-1]
        for chain in walk(skeleton, reach=min(12, max(3, round(1.5 * width_px))))
    ]
    lines = [chain for chain in chains if len(chain) >= shortest]
    dots = [] if lines else chains  # a drawing may consist of dots only
    lines.sort(key=len, reverse=True)
    scale = max(height, width) / max(skeleton.shape)
    strokes = [(_simplified(line) + 0.5) * scale for line in (lines or dots)[: limits.max_strokes]]
    return sketch_from_xy(strokes, width, height)


def _simplified(chain: NDArray[np.float64]) -> NDArray[np.float64]:
    """Smooth the steps of a pixel chain (n, 2) and keep the points that its shape needs."""
    if len(chain) > 4:
        smooth = chain.copy()
        smooth[1:-1] = (chain[:-2] + 2 * chain[1:-1] + chain[2:]) / 4
        smooth[2:-2] = (smooth[1:-3] + 2 * smooth[2:-2] + smooth[3:-1]) / 4
        chain = smooth
    simple = cv2.approxPolyDP(chain.astype(np.float32)[:, None], _TOLERANCE_PX, False)
    return np.asarray(simple[:, 0], dtype=np.float64)

"""Remove the printed lines of ruled and squared paper from the depth of its ink."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

_LENGTH = 1 / 8  # of the longer side, over which a printed line is straight and evenly dark
_TURNS_DEG = np.arange(-9.0, 9.5, 1.0)  # of lines in a photo taken at an angle
_FAINTEST = 8 / 255
_APART_PX = 7  # at least, between two lines
_AROUND_PX, _PROMINENCE = (
    31,
    1.5,
)  # how much deeper a line is than its surroundings on average: textures are not
_TILES = 6  # per side; printed lines cross nearly all of them
_SHARE_OF_TILES = 0.7
_IN_A_TILE = 0.8  # of its side, the least length of lines
_LEAST_PX = 30  # of what is drawn on ruled paper
_COLOURED = 0.6  # lines this much fainter in another channel have a colour


def without_ruling(depths: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the depth of the drawn ink, float32 (H, W), from that of all ink per channel, (H, W, 3), both 0..1.

    Depth is that of the channel in which ink is deepest, so that coloured pens count. On ruled paper it is that of the
    channel that shows the ruling least, less what remains of the ruling. Paper is ruled if parallel lines cross nearly
    all of it and something darker is drawn over them; else they are the drawing. Lines hardly darker than the ruling are
    lost.
    """
    depth = whole = np.asarray(depths.max(axis=2), dtype=np.float32)
    if _crossed(depth > 2 * _FAINTEST) < _SHARE_OF_TILES:  # spares the search
        return depth
    ridges = {turn: ridge for turn in (0.0, 90.0) if (ridge := _ruling(depth, turn)) is not None}
    if not ridges:
        return depth
    lines = np.logical_or.reduce(list(ridges.values()))
    level = float(np.median(depth[lines]))
    plain = np.asarray(depths.min(axis=2), dtype=np.float32)
    plain_level = float(np.median(plain[lines]))
    if plain_level < _COLOURED * level:
        depth, level = plain, plain_level
    capped = np.minimum(depth, 1.5 * level)  # so that a drawn line does not count as a deep printed one
    printed = np.maximum.reduce([_along_lines(capped, turn) for turn in ridges])
    drawn = depth > 1.6 * printed
    rest = np.asarray((depth - np.minimum(printed, level)) * drawn, dtype=np.float32)
    return rest if np.count_nonzero(rest > level) >= _LEAST_PX else whole


def _ruling(depth: NDArray[np.float32], turn_deg: float) -> NDArray[np.bool_] | None:
    """Return the middles of the printed lines near a direction, bool (H, W), or None if they are not all over."""
    along = _along_lines(depth, turn_deg)
    across = np.ones((_APART_PX, 1) if turn_deg == 0 else (1, _APART_PX), dtype=np.uint8)
    around = cv2.blur(depth, (_AROUND_PX, _AROUND_PX))
    ridge = (along >= cv2.dilate(along, across)) & (along > np.maximum(_FAINTEST, _PROMINENCE * around))
    share = cv2.resize(ridge.astype(np.float32), (_TILES, _TILES), interpolation=cv2.INTER_AREA)
    side = ridge.shape[0 if turn_deg == 0 else 1] / _TILES  # across the lines
    covered = share * side >= _IN_A_TILE
    return np.asarray(ridge) if covered.mean() >= _SHARE_OF_TILES else None


def _crossed(mask: NDArray[np.bool_]) -> float:
    """Return the fraction of tiles with at least one pixel of `mask` per hundred."""
    share = cv2.resize(mask.astype(np.float32), (_TILES, _TILES), interpolation=cv2.INTER_AREA)
    return float((share > 0.01).mean())


def _along_lines(depth: NDArray[np.float32], turn_deg: float) -> NDArray[np.float32]:
    """Return the mean depth along the deepest straight line through each pixel, within some degrees of a direction."""
    reach = round(_LENGTH * max(depth.shape) / 2)
    best = np.zeros_like(depth)
    for turn in np.radians(turn_deg + _TURNS_DEG):
        end = 16 * reach * np.array([np.cos(turn), np.sin(turn)])  # in sixteenths of a pixel
        kernel = np.zeros((2 * reach + 1, 2 * reach + 1), dtype=np.uint8)
        first, last = (np.round(16 * reach + sign * end).astype(int).tolist() for sign in (-1, 1))
        cv2.line(kernel, first, last, 255, 1, cv2.LINE_AA, 4)
        weights = kernel.astype(np.float32) / kernel.sum()
        best = np.maximum(best, cv2.filter2D(depth, -1, weights, borderType=cv2.BORDER_REFLECT))
    return np.asarray(best, dtype=np.float32)

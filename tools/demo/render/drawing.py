"""The strokes of a view: from a depth image and mesh edges to a line drawing on the 256 canvas."""

import numpy as np
from numpy.typing import NDArray

from .camera import Camera
from .lines import contour_mask, crease_mask, inner_mask, solid_mask
from .trace import chains, join, length, rings, simplify, split, thin

Floats = NDArray[np.float64]

CANVAS = 256
MAX_STROKES = 60
MAX_POINTS = 1500
_TOLERANCE = 0.6
_CRUMB = 7.0
"""Inner strokes shorter than this are noise, canvas units."""
_PINHOLE = 14.0
"""Rings shorter than this are noise too."""
_CORNER = 55.0
_PIECE = 14.0
"""A hand lifts at corners sharper than `_CORNER` degrees, but not for pieces shorter than this."""

_MAX_PIECES = 24
"""A ring with more corners than that (foliage, fringes) is drawn as one stroke."""


def draw(
    points: Floats, edges: NDArray[np.int64], camera: Camera, depth: Floats, size: float
) -> list[Floats]:
    """Return strokes (n, 2) in canvas units, in steps of 0.1: outline first, then inner lines, longest first.

    `depth` (S, S) is the view's depth image, `edges` (E, 2) the feature edges of the welded `points`, `size` the piece's
    diagonal in metres. At most MAX_STROKES strokes and MAX_POINTS points; the longest inner ones are kept.
    """
    scale = CANVAS / len(depth)
    solid = solid_mask(depth)
    outline = [_fair(ring, scale) for ring in rings(solid) if length(ring) * scale >= _PINHOLE]
    pieces = [piece for ring in outline for piece in _lift(ring)]
    contours, creases = contour_mask(depth, size), crease_mask(points, edges, camera, depth, size)
    runs = join(chains(thin(inner_mask(solid, contours, creases))), reach=3.0)
    inner = [_fair(run, scale) for run in runs if length(run) * scale >= _CRUMB]
    return _bounded(_longest_first(pieces) + _longest_first(inner))


def _lift(ring: Floats) -> list[Floats]:
    pieces = split(ring, angle=_CORNER, apart=_PIECE)
    return pieces if len(pieces) <= _MAX_PIECES else [ring]


def _fair(run: Floats, scale: float) -> Floats:
    return np.clip(simplify(run, _TOLERANCE / scale) * scale, 0, CANVAS)


def _longest_first(strokes: list[Floats]) -> list[Floats]:
    return sorted(strokes, key=length, reverse=True)


def _bounded(strokes: list[Floats]) -> list[Floats]:
    kept: list[Floats] = []
    points = 0
    for stroke in strokes:
        if len(kept) < MAX_STROKES and points + len(stroke) <= MAX_POINTS:
            kept.append(np.round(stroke, 1))
            points += len(stroke)
    return kept

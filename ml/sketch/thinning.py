"""Thin a drawing to one-pixel lines, and order the pixels along the lines."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

_MAX_ROUNDS = 64  # half the width in pixels of the thickest line that is thinned completely
# The eight neighbours clockwise from the north, as bits 1, 2, 4 ... 128 of a pixel's code.
_RING = ((-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1))
_KERNEL = np.zeros((3, 3), dtype=np.float32)
for _bit, (_dy, _dx) in enumerate(_RING):
    _KERNEL[1 + _dy, 1 + _dx] = 1 << _bit


def _removable() -> NDArray[np.uint8]:
    """Return Zhang and Suen's conditions for the two half-rounds as tables over the neighbour code, 0 or 1, (2, 256)."""
    table = np.zeros((2, 256), dtype=np.uint8)
    for code in range(256):
        p = [code >> bit & 1 for bit in range(8)]
        turns = sum(p[i] == 0 and p[(i + 1) % 8] == 1 for i in range(8))
        if 2 <= sum(p) <= 6 and turns == 1:
            north, east, south, west = p[0], p[2], p[4], p[6]
            table[0, code] = not (north and east and south) and not (east and south and west)
            table[1, code] = not (north and east and west) and not (north and south and west)
    return table


_REMOVABLE = _removable()


def thin(ink: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the skeleton of a mask, bool (H, W) (Zhang and Suen, 1984), with all pixels of a half-round at once."""
    mask = np.pad(ink, 1).astype(np.uint8)
    for _ in range(_MAX_ROUNDS):
        before = cv2.countNonZero(mask)
        for table in _REMOVABLE:
            code = cv2.filter2D(mask, cv2.CV_8U, _KERNEL, borderType=cv2.BORDER_CONSTANT)
            mask[cv2.LUT(code, table) > 0] = 0
        if cv2.countNonZero(mask) == before:
            break
    return np.asarray(mask[1:-1, 1:-1] > 0)


def walk(skeleton: NDArray[np.bool_], reach: int = 3) -> Iterator[list[tuple[int, int]]]:
    """Yield the lines of a skeleton, bool (H, W), as pixel chains (y, x) that together visit every pixel once.

    Chains start at line ends, top first, then at the remaining loops. They continue straight across crossing lines, over
    up to `reach` pixels of another chain. A chain that meets another one, or itself, ends on the pixel it met.
    """
    stride = skeleton.shape[1] + 2 * reach
    padded = np.pad(skeleton, reach)
    everything = frozenset(np.flatnonzero(padded).tolist())
    free = set(everything)
    ring = [dy * stride + dx for dy, dx in _RING]
    steps = {dy * stride + dx: complex(dx, dy) for dy, dx in _RING}
    span = range(-reach, reach + 1)
    leaps = {dy * stride + dx: complex(dx, dy) for dy in span for dx in span if max(abs(dy), abs(dx)) > 1}

    def heading(chain: list[int]) -> complex:
        back = chain[-min(len(chain), 7)]
        (y1, x1), (y0, x0) = divmod(chain[-1], stride), divmod(back, stride)
        return complex(x1 - x0, y1 - y0)

    def ways_on(pixel: int) -> list[int]:
        """Return steps to free neighbours; a diagonal step only if no straight one leads there."""
        straight = [d for d in ring[0::2] if pixel + d in free]
        corner = [d for d in ring[1::2] if pixel + d in free]
        return straight + [c for c in corner if not any(c - s in steps for s in straight)]

    def leap(chain: list[int]) -> int | None:
        """Return the step to the free pixel straight ahead beyond a crossing line."""
        if len(chain) < 4 or not any(
            chain[-1] + d in everything and chain[-1] + d != chain[-2] for d in ring
        ):
            return None
        ahead = heading(chain)
        near = [d for d in leaps if chain[-1] + d in free and _cosine(leaps[d], ahead) > 0.85]
        return min(near, key=lambda d: abs(leaps[d]), default=None)

    def follow(start: int) -> list[int]:
        chain = [start]
        free.discard(start)
        while True:
            ways = ways_on(chain[-1])
            step: int | None
            if len(ways) > 1 and len(chain) > 1:
                ahead = heading(chain)
                step = max(ways, key=lambda d: _cosine(steps[d], ahead))
            else:
                step = ways[0] if ways else leap(chain)
            if step is None:
                return chain
            chain.append(chain[-1] + step)
            free.discard(chain[-1])

    degree = cv2.filter2D(padded.view(np.uint8), -1, (_KERNEL > 0).astype(np.float32)).ravel()
    places = sorted(everything)
    for start in [p for p in places if degree[p] <= 1] + places:
        if start not in free:
            continue
        chain = follow(start)
        if degree[start] > 1:  # started inside a line: walk its other half, too
            chain = follow(start)[:0:-1] + chain
        for _ in range(2):
            met = [
                chain[-1] + d
                for d in ring
                if chain[-1] + d in everything
                and chain[-1] + d not in free
                and chain[-1] + d not in chain[-3:]
            ]
            if met and len(chain) > 3:
                chain.append(met[0])
            chain.reverse()
        yield [(y - reach, x - reach) for y, x in (divmod(p, stride) for p in chain)]


def _cosine(a: complex, b: complex) -> float:
    size = abs(a) * abs(b)
    return (a.conjugate() * b).real / size if size else 0.0

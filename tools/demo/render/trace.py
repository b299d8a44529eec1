"""From a picture of lines to strokes: thinning, tracing, joining, simplifying, and the bound on detail.

Thinning: Zhang and Suen, "A fast parallel algorithm for thinning digital patterns", CACM 1984. Simplifying:
Ramer 1972, Douglas and Peucker 1973.
"""

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Pixel = tuple[int, int]

# The eight neighbours clockwise from the north, (row, column).
_RING: tuple[Pixel, ...] = ((-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1))


def _deletable(first_pass: bool) -> NDArray[np.uint8]:
    """Zhang-Suen's condition for each of the 256 neighbourhoods."""
    table = np.zeros(256, dtype=np.uint8)
    for code in range(256):
        p = [(code >> bit) & 1 for bit in range(8)]
        rises = sum(p[i] == 0 and p[(i + 1) % 8] == 1 for i in range(8))
        north, east, south, west = p[0], p[2], p[4], p[6]
        if first_pass:
            free = north * east * south == 0 and east * south * west == 0
        else:
            free = north * east * west == 0 and north * south * west == 0
        table[code] = 2 <= sum(p) <= 6 and rises == 1 and free
    return table


_TABLES = (_deletable(True), _deletable(False))


def thin(mask: Bools) -> Bools:
    """Return the one-pixel-wide skeleton of the mask (H, W), with the same connectivity."""
    picture = np.pad(mask.astype(np.uint8), 1)
    changed = True
    while changed:
        changed = False
        for table in _TABLES:
            rows, columns = np.nonzero(picture)
            code = np.zeros(len(rows), dtype=np.uint8)
            for bit, (down, right) in enumerate(_RING):
                code |= picture[rows + down, columns + right] << bit
            gone = table[code] > 0
            picture[rows[gone], columns[gone]] = 0
            changed |= bool(gone.any())
    return picture[1:-1, 1:-1] > 0


def chains(skeleton: Bools) -> list[Floats]:
    """Return every run of skeleton pixels between ends and junctions, and every ring, as (n, 2) x, y pixel centres."""
    pixels = {(int(row), int(column)) for row, column in np.argwhere(skeleton)}
    links = {pixel: _links(pixel, pixels) for pixel in pixels}
    walked: set[tuple[Pixel, Pixel]] = set()
    found: list[list[Pixel]] = []
    knots = [pixel for pixel in sorted(pixels) if len(links[pixel]) != 2]
    for start in [*knots, *sorted(pixels)]:
        for step in links[start]:
            if (start, step) not in walked:
                found.append(_walk(start, step, links, walked))
    return [np.array(run, dtype=np.float64)[:, ::-1] + 0.5 for run in found]


def _links(pixel: Pixel, pixels: set[Pixel]) -> list[Pixel]:
    """Return neighbours to walk to, without diagonals that a straight step also reaches, since corners would fork."""
    row, column = pixel
    straight = [(row + r, column + c) for r, c in _RING[::2] if (row + r, column + c) in pixels]
    diagonal = [
        (row + r, column + c)
        for r, c in _RING[1::2]
        if (row + r, column + c) in pixels
        and (row + r, column) not in pixels
        and (row, column + c) not in pixels
    ]
    return straight + diagonal


def _walk(
    start: Pixel, step: Pixel, links: dict[Pixel, list[Pixel]], walked: set[tuple[Pixel, Pixel]]
) -> list[Pixel]:
    run = [start]
    here, there = start, step
    while (here, there) not in walked:
        walked.add((here, there))
        walked.add((there, here))
        run.append(there)
        onward = [pixel for pixel in links[there] if pixel != here]
        if len(links[there]) != 2 or there == start:
            break
        here, there = there, onward[0]
    return run


def rings(solid: Bools) -> list[Floats]:
    """Return every closed border of the mask, including holes, as (n, 2) x, y pixel centres; a ring ends at its start."""
    found, _ = cv2.findContours(solid.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    borders = [border[:, 0].astype(np.float64) + 0.5 for border in found if len(border) > 2]
    return [np.concatenate((border, border[:1])) for border in borders]


def split(stroke: Floats, *, angle: float, apart: float) -> list[Floats]:
    """Cut a simplified stroke where it turns sharper than `angle` degrees, into pieces of at least `apart`.

    A hand lifts the pencil at a corner. A ring is cut from its sharpest corner on; a round one stays complete.
    """
    closed = _closed(stroke)
    if closed:
        turns = _turns(np.concatenate((stroke[-2:-1], stroke)))[: len(stroke) - 1]
        sharpest = int(turns.argmax())
        stroke = np.concatenate((stroke[sharpest:-1], stroke[: sharpest + 1]))
    turns = _turns(stroke)
    pieces, begin = [], 0
    for corner in np.flatnonzero(turns > angle) + 1:
        if length(stroke[begin : corner + 1]) >= apart and length(stroke[corner:]) >= apart:
            pieces.append(stroke[begin : corner + 1])
            begin = int(corner)
    return [*pieces, stroke[begin:]]


def _turns(stroke: Floats) -> Floats:
    """Change of direction at each inner point, degrees 0..180, (n - 2,)."""
    ways = np.diff(stroke, axis=0)
    heading = np.degrees(np.arctan2(ways[:, 1], ways[:, 0]))
    return np.asarray(np.abs((np.diff(heading) + 180) % 360 - 180), dtype=np.float64)


def join(runs: list[Floats], *, reach: float, bend: float = 40.0) -> list[Floats]:
    """Join runs end to end where they meet within `reach` and turn less than `bend` degrees, straightest first."""
    runs = list(runs)
    alive = [True] * len(runs)
    while True:
        ends = [
            (i, tail) for i, run in enumerate(runs) if alive[i] and not _closed(run) for tail in (False, True)
        ]
        pairs = list(_meetings(runs, ends, reach, bend))
        if not pairs:
            return [run for run, lives in zip(runs, alive, strict=True) if lives]
        taken: set[int] = set()
        for _, (i, i_tail), (j, j_tail) in sorted(pairs):
            if i in taken or j in taken:
                continue
            taken |= {i, j}
            before = runs[i] if i_tail else runs[i][::-1]
            after = runs[j][::-1] if j_tail else runs[j]
            runs.append(np.concatenate((before, after)))
            alive[i] = alive[j] = False
            alive.append(True)


def _closed(run: Floats) -> bool:
    return len(run) > 3 and bool(np.abs(run[0] - run[-1]).max() < 1.5)


def _meetings(
    runs: list[Floats], ends: list[tuple[int, bool]], reach: float, bend: float
) -> Iterator[tuple[float, tuple[int, bool], tuple[int, bool]]]:
    if not ends:
        return
    places = np.array([runs[i][-1] if tail else runs[i][0] for i, tail in ends])
    ways = np.array([_way(runs[i] if tail else runs[i][::-1]) for i, tail in ends])
    limit = np.cos(np.radians(bend))
    for a, place in enumerate(places):
        near = np.flatnonzero(np.abs(places[a + 1 :] - place).max(axis=1) <= reach) + a + 1
        for b in near:
            straightness = -float(ways[a] @ ways[b])
            if ends[a][0] != ends[b][0] and straightness > limit:
                yield -straightness, ends[a], ends[b]


def _way(run: Floats, length: int = 8) -> Floats:
    """Return the unit direction of the run at its last point."""
    way = run[-1] - run[max(len(run) - length, 0)]
    norm = float(np.hypot(*way))
    return np.asarray(way / norm if norm > 0 else way)


def simplify(run: Floats, tolerance: float) -> Floats:
    """Return the fewest of the run's points (n, 2) whose polyline stays within `tolerance` of all of them."""
    if len(run) < 3:
        return run
    closed = _closed(run)
    contour = run[:-1] if closed and (run[0] == run[-1]).all() else run
    kept = cv2.approxPolyDP(contour.astype(np.float32)[:, None], tolerance, closed)[:, 0].astype(np.float64)
    return np.concatenate((kept, kept[:1])) if closed else kept


def length(run: Floats) -> float:
    """Length of the polyline."""
    return float(np.hypot(*np.diff(run, axis=0).T).sum())

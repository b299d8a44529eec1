"""Polygons to triangles: a fan where the polygon is convex, ear clipping where it is not."""

from collections.abc import Sequence

Point = tuple[float, float]
Triangle = tuple[int, int, int]


def triangulate(polygon: Sequence[Sequence[float]]) -> list[Triangle]:
    """Return triangles (vertex indices) of a 3D polygon: nearly flat, convex or concave, without holes.

    Fewer than three corners give none. A degenerate remainder without ears is closed by a fan.
    """
    n = len(polygon)
    if n < 3:
        return []
    if n == 3:
        return [(0, 1, 2)]
    flat = _project(polygon)
    turns = [_turn(flat[i - 1], flat[i], flat[(i + 1) % n]) for i in range(n)]
    if all(turn >= -1e-12 for turn in turns):
        return [(0, i, i + 1) for i in range(1, n - 1)]
    return _clip_ears(flat)


def _project(polygon: Sequence[Sequence[float]]) -> list[Point]:
    """Drop the axis along which the polygon is thinnest, keeping it counter-clockwise (Newell's normal)."""
    normal = [0.0, 0.0, 0.0]
    for here, there in zip(polygon, [*polygon[1:], polygon[0]], strict=True):
        for axis in range(3):
            j, k = (axis + 1) % 3, (axis + 2) % 3
            normal[axis] += (here[j] - there[j]) * (here[k] + there[k])
    axis = max(range(3), key=lambda a: abs(normal[a]))
    j, k = (axis + 1) % 3, (axis + 2) % 3
    if normal[axis] < 0:
        j, k = k, j
    return [(point[j], point[k]) for point in polygon]


def _turn(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - b[1]) - (b[1] - a[1]) * (c[0] - b[0])


def _clip_ears(flat: list[Point]) -> list[Triangle]:
    rest = list(range(len(flat)))
    triangles: list[Triangle] = []
    while len(rest) > 3:
        ear = next((i for i in range(len(rest)) if _is_ear(flat, rest, i)), 1)
        triangles.append((rest[ear - 1], rest[ear], rest[(ear + 1) % len(rest)]))
        del rest[ear]
    triangles.append((rest[0], rest[1], rest[2]))
    return triangles


def _is_ear(flat: list[Point], rest: list[int], i: int) -> bool:
    corners = rest[i - 1], rest[i], rest[(i + 1) % len(rest)]
    a, b, c = (flat[corner] for corner in corners)
    if _turn(a, b, c) <= 0:
        return False
    return not any(
        _turn(a, b, p) >= 0 and _turn(b, c, p) >= 0 and _turn(c, a, p) >= 0
        for corner in rest
        if corner not in corners and (p := flat[corner]) not in (a, b, c)
    )

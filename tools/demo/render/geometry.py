"""Mesh geometry that needs no renderer: placing and welding a model, and the edges worth drawing."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def place(points: Floats, used: Ints, rotation: Floats, size: tuple[float, float, float]) -> Floats:
    """Rotate the points upright, scale them to `size` (width, height, depth), and stand them centred on y = 0.

    Only the `used` points count for the bounding box; a flat axis keeps its scale.
    """
    turned = points @ rotation.T
    low, high = turned[used].min(axis=0), turned[used].max(axis=0)
    extent = high - low
    scale = np.where(extent > 1e-9, np.asarray(size) / np.where(extent > 1e-9, extent, 1.0), 1.0)
    origin = (low + high) / 2
    origin[1] = low[1]
    placed: Floats = (turned - origin) * scale
    return placed


def weld(points: Floats, triangles: Ints, tolerance: float) -> tuple[Floats, Ints, NDArray[np.bool_]]:
    """Join points nearer than about `tolerance`: models store separate points for every patch.

    Returns the points, all triangles by joined points, and which of them keep three corners.
    """
    keys = np.round(points / tolerance).astype(np.int64)
    _, first, inverse = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    joined = inverse.reshape(-1)[triangles]
    whole = (joined[:, 0] != joined[:, 1]) & (joined[:, 1] != joined[:, 2]) & (joined[:, 2] != joined[:, 0])
    return points[first], joined, whole


def face_normals(points: Floats, triangles: Ints) -> Floats:
    """Unit normals (T, 3); zero for a triangle without area."""
    a, b, c = (points[triangles[:, i]] for i in range(3))
    normals = np.cross(b - a, c - a)
    length = np.linalg.norm(normals, axis=1, keepdims=True)
    return normals / np.where(length > 0, length, 1.0)


def feature_edges(
    points: Floats, triangles: Ints, paint: Floats, *, angle: float = 35.0, contrast: float = 0.25
) -> Ints:
    """Return edges (E, 2) worth a line in any view: creases, open borders and borders between colours.

    A crease is sharper than `angle` degrees, whichever way its faces are wound. `paint` (T, C) is each
    triangle's colour 0..1; neighbours that differ by more than `contrast` in a channel are drawn apart.
    """
    edges = np.sort(triangles[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1)
    owner = np.repeat(np.arange(len(triangles)), 3)
    order = np.lexsort((edges[:, 1], edges[:, 0]))
    edges, owner = edges[order], owner[order]
    fresh = np.ones(len(edges), dtype=bool)
    fresh[1:] = (edges[1:] != edges[:-1]).any(axis=1)
    start = np.flatnonzero(fresh)
    count = np.diff(np.append(start, len(edges)))

    normals = face_normals(points, triangles)
    # Every other face of an edge is compared with the edge's first; more than two faces are rare.
    first = np.repeat(owner[start], count)
    turn = np.abs((normals[owner] * normals[first]).sum(axis=1))
    flat = np.linalg.norm(normals[owner], axis=1) * np.linalg.norm(normals[first], axis=1) > 0.5
    sharp = flat & (turn < np.cos(np.radians(angle)))
    recoloured = np.abs(paint[owner] - paint[first]).max(axis=1) > contrast
    drawn = np.logical_or.reduceat(sharp | recoloured, start) | (count == 1)
    result: Ints = edges[start[drawn]]
    return result


def smooth_normals(points: Floats, triangles: Ints, *, crease: float = 42.0) -> Floats:
    """Return a unit normal for every corner, (T, 3, 3): smooth below `crease` degrees between faces, else sharp.

    Faces count by their area, so that a narrow bevel does not shade a whole door round; the winding of a
    neighbour does not matter. `points` must be welded.
    """
    a, b, c = (points[triangles[:, i]] for i in range(3))
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1)
    faces = face_normals(points, triangles)
    corner_point = triangles.ravel()
    order = np.argsort(corner_point, kind="stable")
    face_at = order // 3
    count = np.bincount(corner_point, minlength=len(points))
    start = np.cumsum(count) - count
    # Every corner is paired with every face at its point.
    pairs = count[corner_point[order]]
    mine = np.repeat(face_at, pairs)
    within = np.arange(len(mine)) - np.repeat(np.cumsum(pairs) - pairs, pairs)
    theirs = face_at[np.repeat(start[corner_point[order]], pairs) + within]
    agreement = (faces[mine] * faces[theirs]).sum(axis=1)
    weight = np.where(np.abs(agreement) >= np.cos(np.radians(crease)), np.sign(agreement) * area[theirs], 0.0)
    corner = np.repeat(np.arange(len(order)), pairs)
    total = np.stack(
        [
            np.bincount(corner, weights=weight * faces[theirs, axis], minlength=len(order))
            for axis in range(3)
        ],
        axis=1,
    )
    length = np.linalg.norm(total, axis=1, keepdims=True)
    fallback = np.where(
        np.abs(faces[face_at]).sum(axis=1, keepdims=True) > 0, faces[face_at], (0.0, 1.0, 0.0)
    )
    normals = np.empty_like(total)
    normals[order] = np.where(length > 1e-12, total / np.where(length > 1e-12, length, 1.0), fallback)
    return np.asarray(normals.reshape(-1, 3, 3), dtype=np.float64)

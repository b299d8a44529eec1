"""Placing, welding, feature edges, corner normals, the camera's frame."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tools.demo.render.camera import MARGIN, View, fit_camera
from tools.demo.render.geometry import feature_edges, place, smooth_normals, weld

# Two squares that share an edge, the second folded up by the angle.
FLAT = np.zeros((4, 3))


def fold(degrees: float) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    up = np.radians(degrees)
    points = np.array(
        [
            (-1, 0, 0),
            (-1, 1, 0),
            (0, 0, 0),
            (0, 1, 0),
            (np.cos(up), 0, np.sin(up)),
            (np.cos(up), 1, np.sin(up)),
        ]
    )
    return points, np.array([(0, 2, 1), (1, 2, 3), (2, 4, 3), (3, 4, 5)])


def has_ridge(degrees: float, *, flip: bool = False) -> bool:
    points, triangles = fold(degrees)
    if flip:
        triangles[2:] = triangles[2:, ::-1]
    return [2, 3] in feature_edges(points, triangles, FLAT, angle=35).tolist()


def test_only_sharp_folds_are_creases() -> None:
    assert has_ridge(60)
    assert not has_ridge(20)


def test_a_crease_does_not_depend_on_winding() -> None:
    assert has_ridge(60, flip=True)
    assert not has_ridge(20, flip=True)


def test_a_border_between_colours_is_drawn_on_a_flat_face() -> None:
    points, triangles = fold(0)
    paint = np.array([(0.1, 0.1, 0.1)] * 2 + [(0.9, 0.1, 0.1)] * 2)
    assert [2, 3] in feature_edges(points, triangles, paint).tolist()


def test_diagonals_within_a_face_are_not_drawn() -> None:
    points, triangles = fold(60)
    assert [1, 2] not in feature_edges(points, triangles, FLAT).tolist()


def test_welding_joins_patches_and_marks_collapsed_triangles() -> None:
    points = np.array([(0, 0, 0), (1, 0, 0), (0, 1, 0), (1 + 1e-7, 0, 0), (1, 1, 0), (0, 1, 0)])
    triangles = np.array([(0, 1, 2), (3, 4, 5), (1, 3, 4)])
    joined, welded, whole = weld(points, triangles, 1e-4)
    assert len(joined) == 4
    assert set(welded[0]) & set(welded[1]) == {welded[0, 1], welded[0, 2]}
    assert whole.tolist() == [True, True, False]


def test_a_cube_is_shaded_flat_and_a_shallow_fold_round(cube: Any) -> None:
    sharp = smooth_normals(cube.points, cube.triangles)
    assert np.abs(np.abs(sharp).max(axis=-1) - 1).max() < 1e-9
    points, triangles = fold(30)
    normals = smooth_normals(points, triangles)
    ridge = np.abs(normals[triangles == 2])
    assert np.abs(ridge - ridge[0]).max() < 1e-9
    assert 0.1 < ridge[0, 0] < 0.45


def test_a_model_is_turned_scaled_and_stood_on_the_floor() -> None:
    points = np.array([(0, 0, 0), (2, 0, 0), (2, 4, 0), (2, 4, 1), (99, 99, 99)], dtype=float)
    upright = np.array([(1, 0, 0), (0, 0, 1), (0, -1, 0)], dtype=float)
    placed = place(points, np.arange(4), upright, (0.5, 2.0, 1.0))[:4]
    assert placed.min(axis=0) == pytest.approx((-0.25, 0.0, -0.5))
    assert placed.max(axis=0) == pytest.approx((0.25, 2.0, 0.5))


@pytest.mark.parametrize("view", [View("main", 30, 18), View("flat", 15, 75), View("above", 0, 90)])
def test_the_camera_centres_the_piece_and_leaves_its_margin(cube: Any, view: View) -> None:
    points = cube.points * (0.4, 2.0, 1.3) + (5, 0, -2)
    seen = fit_camera(points, view).project(points)[:, :2]
    low, high = seen.min(axis=0), seen.max(axis=0)
    assert (low + high) / 2 == pytest.approx((0.5, 0.5), abs=2e-3)
    assert (high - low).max() == pytest.approx(1 - 2 * MARGIN, abs=2e-3)

"""A unit cube and a simple ray caster for it, in place of the renderer."""

import itertools
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from tools.demo.render.camera import Camera, View, fit_camera

_QUADS = ((0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3))


@dataclass(frozen=True)
class Cube:
    """Side 1, centred on y = 0, as a mesh and as seen by the camera."""

    points: NDArray[np.float64]  # (8, 3)
    triangles: NDArray[np.int64]  # (12, 3)
    camera: Camera
    depth: NDArray[np.float64]  # (512, 512)


@pytest.fixture(scope="session")
def cube() -> Cube:
    """The cube from the main view."""
    points = np.array(list(itertools.product((-0.5, 0.5), (0.0, 1.0), (-0.5, 0.5))))
    triangles = np.array([t for a, b, c, d in _QUADS for t in ((a, b, c), (a, c, d))])
    camera = fit_camera(points, View("main", 30, 18))
    return Cube(points, triangles, camera, _sound(points, camera, 512))


def _sound(points: NDArray[np.float64], camera: Camera, pixels: int) -> NDArray[np.float64]:
    """Return the distance along the view axis of the nearest point per pixel, infinite beside it: (pixels, pixels)."""
    across = (np.arange(pixels) + 0.5) / pixels * 2 - 1
    x, y = np.meshgrid(across, -across)
    tangent = np.tan(camera.half_angle)
    local = np.stack((x * tangent, y * tangent, np.ones_like(x)), axis=-1)
    rays = local @ camera.axes
    low, high = points.min(axis=0), points.max(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        first, second = (low - camera.eye) / rays, (high - camera.eye) / rays
    enter = np.minimum(first, second).max(axis=-1)
    leave = np.maximum(first, second).min(axis=-1)
    return np.where(enter <= leave, enter, np.inf)

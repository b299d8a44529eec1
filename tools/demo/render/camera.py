"""The product camera: a long lens that looks at the piece and frames it tightly and centred.

Coordinates: x right, y up, z towards the front of the piece, metres. Image: x right, y down, 0..1 in both.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MARGIN = 0.07
"""White on each side, as a fraction of the frame; the longer side of the piece fills the rest."""

_DISTANCE = 3.2
"""Camera distance in diagonals of the piece: about the perspective of a 100 mm lens."""


@dataclass(frozen=True, slots=True)
class View:
    """A direction to look from. Azimuth 0 is the front, positive goes to the piece's own left; degrees."""

    name: str
    azimuth: float
    elevation: float


@dataclass(frozen=True, slots=True)
class Camera:
    """A pinhole camera with a square frame."""

    eye: Floats  # (3,)
    target: Floats  # (3,)
    half_angle: float
    """Half of the field of view, radians."""

    @property
    def axes(self) -> Floats:
        """Rows right, up, forward; orthonormal, (3, 3)."""
        forward = self.target - self.eye
        forward = forward / np.linalg.norm(forward)
        right = np.cross(forward, (0.0, 1.0, 0.0))
        if np.linalg.norm(right) < 1e-9:
            right = np.array((1.0, 0.0, 0.0))
        right = right / np.linalg.norm(right)
        return np.stack((right, np.cross(right, forward), forward))

    def project(self, points: Floats) -> Floats:
        """Points (..., 3) to (..., 3): image x, image y, distance along the view axis."""
        local = (points - self.eye) @ self.axes.T
        depth = local[..., 2]
        scale = 0.5 / (np.tan(self.half_angle) * depth)
        return np.stack((0.5 + local[..., 0] * scale, 0.5 - local[..., 1] * scale, depth), axis=-1)


def fit_camera(points: Floats, view: View, margin: float = MARGIN) -> Camera:
    """Return the camera in direction `view` whose frame contains all points (N, 3), centred, `margin` from the edge."""
    low, high = points.min(axis=0), points.max(axis=0)
    azimuth, elevation = np.radians(view.azimuth), np.radians(min(view.elevation, 89.0))
    direction = np.array(
        (np.sin(azimuth) * np.cos(elevation), np.sin(elevation), np.cos(azimuth) * np.cos(elevation))
    )
    distance = _DISTANCE * max(float(np.linalg.norm(high - low)), 1e-6)
    target = (low + high) / 2
    camera = Camera(target + direction * distance, target, 0.2)
    # Turning the camera changes the projection a little, so aim again until centred.
    for _ in range(4):
        seen = camera.project(points)[:, :2]
        left_top, right_bottom = seen.min(axis=0), seen.max(axis=0)
        centre = (left_top + right_bottom) / 2 - 0.5
        extent = right_bottom - left_top
        half = float(np.linalg.norm(extent, np.inf)) / 2
        width = 2 * distance * np.tan(camera.half_angle)
        right, up, _ = camera.axes
        target = camera.target + (right * centre[0] - up * centre[1]) * width
        half_angle = float(np.arctan(np.tan(camera.half_angle) * half * 2 / (1 - 2 * margin)))
        camera = Camera(target + direction * distance, target, half_angle)
    return camera

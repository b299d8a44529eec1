"""Augmentation of a sketch and its gallery image in training, together and each on its own.

Deformations of both (mirroring, rotation, stretching, elastic warp) make new products of the few available ones;
deformations of each imitate inaccurate drawing.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Field = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Spread:
    """Standard deviations of a random deformation; lengths are fractions of the image's side."""

    rotation_deg: float
    scale: float
    aspect: float
    shift: float
    elastic: float


TOGETHER = Spread(rotation_deg=5.0, scale=0.06, aspect=0.08, shift=0.02, elastic=0.025)
SKETCH_ALONE = Spread(rotation_deg=3.0, scale=0.04, aspect=0.05, shift=0.02, elastic=0.02)
GALLERY_ALONE = Spread(rotation_deg=1.5, scale=0.02, aspect=0.02, shift=0.01, elastic=0.0)
_CONTROLS = 5  # control points of the elastic warp per side


@dataclass(frozen=True, slots=True)
class Deformation:
    """An affine map and an elastic warp as displacements, so that the sum of two deformations is a third.

    matrix: (2, 2), the affine map minus the identity, about the image's centre. shift: (2,), pixels. controls: float32
    (5, 5, 2), pixels, displacements on a coarse grid. All as (x, y).
    """

    matrix: NDArray[np.float64]
    shift: NDArray[np.float64]
    controls: Field

    @classmethod
    def drawn(cls, rng: np.random.Generator, side: int, spread: Spread, strength: float) -> "Deformation":
        """Draw a random deformation for images with that side, `strength` times as strong as `spread`."""
        angle = np.deg2rad(rng.normal(0, strength * spread.rotation_deg))
        scale = rng.normal(0, strength * spread.scale)
        aspect = rng.normal(0, strength * spread.aspect) / 2
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        return cls(
            turn @ np.diag(np.exp([scale + aspect, scale - aspect])) - np.eye(2),
            rng.normal(0, strength * spread.shift * side, 2),
            rng.normal(0, strength * spread.elastic * side, (_CONTROLS, _CONTROLS, 2)).astype(np.float32),
        )

    def __add__(self, other: "Deformation") -> "Deformation":
        return Deformation(
            self.matrix + other.matrix, self.shift + other.shift, self.controls + other.controls
        )

    def applied(self, image: Image, *, mirrored: bool) -> Image:
        """Return an image, uint8 (S, S[, 3]), deformed and optionally mirrored, white beyond its border."""
        side = image.shape[0]
        place = np.arange(side) - (side - 1) / 2
        elastic = cv2.resize(self.controls, (side, side), interpolation=cv2.INTER_CUBIC)
        source = []
        for axis in range(2):
            along_x, along_y = (self.matrix + np.eye(2))[axis]
            rows = along_y * place + self.shift[axis] + (side - 1) / 2
            affine = np.add.outer(rows.astype(np.float32), (along_x * place).astype(np.float32))
            source.append(affine + elastic[..., axis])
        x, y = source
        if mirrored:
            x = (side - 1) - x
        return np.asarray(cv2.remap(image, x, y, cv2.INTER_LINEAR, borderValue=(255,) * 3), dtype=np.uint8)


def recoloured(photo: Image, rng: np.random.Generator) -> Image:
    """Return a photo, uint8 (S, S, 3), with random brightness and colours; white stays white, a quarter become grey.

    Sketches have no colour, so the encoder must not rely on it.
    """
    if rng.random() < 0.25:
        return np.asarray(cv2.cvtColor(cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB), np.uint8)
    gammas = np.exp(rng.normal(0, 0.3) + rng.normal(0, 0.15, 3))
    table = 255 * np.linspace(0, 1, 256)[:, None] ** gammas  # (256, 3)
    return np.asarray(cv2.LUT(photo[..., rng.permutation(3)], table.astype(np.uint8)[:, None]), np.uint8)


def erased(image: Image, rng: np.random.Generator) -> Image:
    """Return an image, uint8 (S, S[, 3]), with a random white rectangle with sides up to a third of the image's."""
    side = image.shape[0]
    height, width = rng.integers(side // 10, side // 3, 2)
    top, left = rng.integers(0, side - height), rng.integers(0, side - width)
    result = image.copy()
    result[top : top + height, left : left + width] = 255
    return result

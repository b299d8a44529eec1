"""Augmentation of training images: the stroke variants of "Sketch Me That Shoe" (section 4.5), crops, flips and poses.

Released raster sketches are traced to strokes first (`ml.sketch.trace`), so that stroke removal and deformation also
apply to them. Their stroke order is then that of the trace, long lines first, which matches the meaning of order in
Eq. 4. A trace cuts lines where they meet, so removing half of its strokes leaves less of a drawing than in the paper:
by default, only a quarter of the sketches is varied.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.datasets.pairs import PairDataset
from ml.errors import SketchError
from ml.images.deformation import TOGETHER, Deformation, Spread
from ml.sketch.augment import REMOVED, mls_deform, stroke_removal
from ml.sketch.raster import RasterSpec, rasterise
from ml.sketch.strokes import Sketch
from ml.sketch.trace import trace

Image = NDArray[np.uint8]
Crop = tuple[int, int, bool]  # left, top, mirrored
DEFORMED = 9 / 12  # share of deformed variants in the paper


class StrokeVariants:
    """Random variants of a sketch: with 10, 30 or 50 % of its strokes removed, and three quarters of them deformed.

    share: the share of variants among all draws, the others being the sketch as released; the paper's is 12 of 13. Every
    draw is a new variant, whereas the paper fixes twelve.
    """

    def __init__(self, dataset: PairDataset, spec: RasterSpec, share: float) -> None:
        self._dataset = dataset
        self._spec = spec
        self._share = share
        self._strokes: dict[int, Sketch | None] = {}

    def draw(self, row: int, released: Image, rng: np.random.Generator) -> Image:
        """Return a variant of sketch `row` in its frame, or `released`, the original; both uint8 (S, S)."""
        sketch = self._sketch(row) if rng.random() < self._share else None
        if sketch is None:
            return released
        varied = stroke_removal(sketch, REMOVED[rng.integers(len(REMOVED))], rng)
        if rng.random() < DEFORMED:
            varied = mls_deform(varied, rng)
        return rasterise(varied, self._spec, box=sketch.ink_box())  # remaining strokes keep their place

    def _sketch(self, row: int) -> Sketch | None:
        if row not in self._strokes:
            self._strokes[row] = self._dataset.strokes(row) or _traced(self._dataset.sketch(row))
        return self._strokes[row]


def _traced(raster: Image) -> Sketch | None:
    try:
        return trace(np.repeat(raster[:, :, None], 3, axis=2))
    except SketchError:  # no lines found: the sketch is not varied
        return None


def crop_at(images: Image, x: int, y: int, side: int, *, flip: bool = False) -> Image:
    """Crop images, uint8 (N, S, S[, 3]), to the square of `side` pixels at (x, y); `flip` mirrors it."""
    cut = images[:, y : y + side, x : x + side]
    return np.ascontiguousarray(cut[:, :, ::-1] if flip else cut)


def ten_crops(canvas: int, side: int) -> list[Crop]:
    """Return the crops at the centre and the corners, first unchanged, then mirrored."""
    far = canvas - side
    places = [(far // 2, far // 2), (0, 0), (far, 0), (0, far), (far, far)]
    return [(x, y, flip) for flip in (False, True) for x, y in places]


def posed(image: Image, rng: np.random.Generator, side: int, *, flip: bool, strength: float) -> Image:
    """Return a random crop of `side` pixels of an image, uint8 (S, S[, 3]), on white; `flip` mirrors it.

    strength: 1 adds a rotation with a standard deviation of 4 degrees, scales of 5 % separately for x and y, a shear of
    3 % and a smooth warp of 5 pixels; 0 is the plain crop.
    """
    canvas = image.shape[0]
    left, top = rng.integers(0, canvas - side + 1, 2)
    if strength == 0:
        cropped: Image = crop_at(image[None], left, top, side, flip=flip)[0]
        return cropped
    turn = np.deg2rad(rng.normal(0, 4 * strength))
    scale_x, scale_y = np.exp(rng.normal(0, 0.05 * strength, 2))
    shear = rng.normal(0, 0.03 * strength)
    matrix = np.array(
        [
            [scale_x * np.cos(turn), scale_x * (shear - np.sin(turn))],
            [scale_y * np.sin(turn), scale_y * np.cos(turn)],
        ]
    )
    middle = (side - 1) / 2
    axis = np.arange(side, dtype=np.float32) - np.float32(middle)
    x, y = (axis[::-1] if flip else axis)[None, :], axis[:, None]
    warp = cv2.resize(
        rng.normal(0, 5 * strength, (4, 4, 2)).astype(np.float32), (side, side), interpolation=cv2.INTER_CUBIC
    )
    map_x = np.float32(matrix[0, 0]) * x + np.float32(matrix[0, 1]) * y + warp[..., 0]
    map_y = np.float32(matrix[1, 0]) * x + np.float32(matrix[1, 1]) * y + warp[..., 1]
    return np.asarray(
        cv2.remap(
            image,
            (map_x + np.float32(middle + left)).astype(np.float32),
            (map_y + np.float32(middle + top)).astype(np.float32),
            cv2.INTER_LINEAR,
            borderValue=(255, 255, 255),
        ),
        dtype=np.uint8,
    )


class SharedPoses:
    """Deformations of one batch: of each product one that its sketches and its photo share, and one of each image alone.

    What they share makes a new product; what is of each alone imitates inaccurate drawing. strength: 1 as in
    `sketchfind-pairs`.
    """

    def __init__(self, rng: np.random.Generator, side: int, strength: float) -> None:
        self._rng = rng
        self._side = side  # of the image after the crop
        self._strength = strength
        self._together: dict[int, Deformation] = {}

    def posed(self, image: Image, product: int, alone: Spread, *, flip: bool) -> Image:
        """Return the deformed centre of an image of a product, uint8 (S, S[, 3]), cropped."""
        canvas = image.shape[0]
        if product not in self._together:
            self._together[product] = Deformation.drawn(self._rng, canvas, TOGETHER, self._strength)
        own = Deformation.drawn(self._rng, canvas, alone, self._strength)
        corner = (canvas - self._side) // 2
        whole = (self._together[product] + own).applied(image, mirrored=flip)
        return np.ascontiguousarray(whole[corner : corner + self._side, corner : corner + self._side])

"""Deformations that a sketch and its gallery image share."""

import numpy as np
from numpy.typing import NDArray

from ml.images.deformation import SKETCH_ALONE, TOGETHER, Deformation, erased, recoloured

SIDE = 64


def square() -> NDArray[np.uint8]:
    image = np.full((SIDE, SIDE), 255, np.uint8)
    image[20:40, 16:36] = 0
    return image


def centre_of(image: NDArray[np.uint8]) -> NDArray[np.float64]:
    return np.asarray(np.argwhere(image < 128).mean(0))


def test_without_strength_nothing_moves() -> None:
    still = Deformation.drawn(np.random.default_rng(0), SIDE, TOGETHER, 0)
    np.testing.assert_array_equal(still.applied(square(), mirrored=False), square())
    np.testing.assert_array_equal(still.applied(square(), mirrored=True), square()[:, ::-1])


def test_a_deformation_moves_every_image_alike() -> None:
    """A sketch in grey and a photo in colour stay aligned."""
    drawn = Deformation.drawn(np.random.default_rng(1), SIDE, TOGETHER, 1)
    grey = drawn.applied(square(), mirrored=False)
    colour = drawn.applied(np.repeat(square()[..., None], 3, axis=2), mirrored=False)
    np.testing.assert_array_equal(colour[..., 0], grey)
    assert not np.array_equal(grey, square())


def test_what_two_images_share_is_larger_than_what_sets_them_apart() -> None:
    rng = np.random.default_rng(2)
    shared, apart = [], []
    for _ in range(40):
        together = Deformation.drawn(rng, SIDE, TOGETHER, 1)
        own = [Deformation.drawn(rng, SIDE, SKETCH_ALONE, 0.5) for _ in range(2)]
        first, second = ((together + one).applied(square(), mirrored=False) for one in own)
        shared.append(np.linalg.norm(centre_of(first) - centre_of(square())))
        apart.append(np.linalg.norm(centre_of(first) - centre_of(second)))
    assert np.mean(apart) < np.mean(shared)


def test_colours_change_but_white_stays_white() -> None:
    photo = np.full((SIDE, SIDE, 3), 255, np.uint8)
    photo[20:40, 16:36] = (180, 90, 30)
    seen = [recoloured(photo, np.random.default_rng(seed)) for seed in range(12)]
    assert all((one[0, 0] == 255).all() for one in seen)
    assert len({tuple(one[30, 30]) for one in seen}) > 6


def test_a_rectangle_is_erased() -> None:
    black = np.zeros((SIDE, SIDE), np.uint8)
    gone = erased(black, np.random.default_rng(0)) == 255
    rows, columns = np.flatnonzero(gone.any(1)), np.flatnonzero(gone.any(0))
    assert gone.sum() == len(rows) * len(columns) > 0
    assert max(len(rows), len(columns)) <= SIDE // 3

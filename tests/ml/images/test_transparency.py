import numpy as np
import pytest
from numpy.typing import NDArray

from ml.images.transparency import on_contrast, on_white


def layers(ink: int, alpha: int = 255) -> NDArray[np.uint8]:
    image = np.zeros((20, 20, 4), dtype=np.uint8)
    image[8:12, 4:16] = (ink, ink, ink, alpha)
    return image


@pytest.mark.parametrize(("ink", "ground"), [(0, 255), (90, 255), (200, 0), (255, 0)])
def test_ink_lies_on_the_ground_that_shows_it(ink: int, ground: int) -> None:
    rgb = on_contrast(layers(ink))
    assert rgb[0, 0].tolist() == [ground] * 3
    assert rgb[9, 9].tolist() == [ink] * 3


def test_white_is_the_ground_of_photos() -> None:
    assert on_white(layers(255)).min() == 255
    assert on_white(layers(0, alpha=128))[9, 9].tolist() == [127] * 3


def test_opaque_pictures_stay_as_they_are() -> None:
    rgb = layers(30)[..., :3]
    assert on_white(rgb) is rgb
    assert on_contrast(rgb) is rgb

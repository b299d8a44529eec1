import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from ml.benchmarks.doodles import doodle
from ml.sketch.kind import looks_like_sketch
from ml.sketch.raster import RasterSpec, rasterise
from tests.support.paper import KINDS, photographed


def picture(seed: int, width_px: float = 5.0) -> NDArray[np.uint8]:
    spec = RasterSpec(size=300, stroke_width_px=width_px, squareness=0, margin=0.1)
    return np.repeat(rasterise(doodle(seed), spec)[..., None], 3, axis=2)


@pytest.mark.parametrize("seed", range(4))
def test_drawings_look_like_sketches(seed: int) -> None:
    for width_px in (2.0, 5.0):
        assert looks_like_sketch(picture(seed, width_px))
        assert looks_like_sketch(255 - picture(seed, width_px))


@pytest.mark.parametrize("kind", KINDS)
def test_photos_of_drawings_look_like_sketches(kind: str) -> None:
    assert all(looks_like_sketch(photographed(doodle(seed), KINDS[kind], seed)[0]) for seed in range(3))


def ball_on_white() -> NDArray[np.uint8]:
    image = np.full((300, 300, 3), 255, dtype=np.uint8)
    for i in range(80):
        cv2.circle(image, (150 - i // 4, 150 - i // 4), 80 - i, (60 + i, 30 + 2 * i, 90), -1)
    return image


def landscape() -> NDArray[np.uint8]:
    y, x = np.mgrid[:300, :300]
    return np.stack([40 + y // 3, 80 + x // 4, 200 - y // 2], axis=2).astype(np.uint8)


def stool(seat: tuple[int, int, int], legs: tuple[int, int, int]) -> NDArray[np.uint8]:
    """A seat on thin legs, as large as shops show it."""
    image = np.full((1000, 1000, 3), 255, dtype=np.uint8)
    for x in (330, 440, 560, 670):
        cv2.line(image, (x, 420), (x + (x - 500) // 6, 900), legs, 14, cv2.LINE_AA)
    cv2.ellipse(image, (500, 400), (220, 60), 0, 0, 360, seat, -1, cv2.LINE_AA)
    return image


def white_box() -> NDArray[np.uint8]:
    """Three sides in three near-white shades: only thin differences at its edges."""
    image = np.full((800, 800, 3), 255, dtype=np.uint8)
    for grey, corners in (
        (243, [(200, 300), (400, 220), (600, 300), (400, 380)]),
        (228, [(200, 300), (400, 380), (400, 640), (200, 560)]),
        (214, [(600, 300), (400, 380), (400, 640), (600, 560)]),
    ):
        cv2.fillPoly(image, [np.array(corners)], (grey,) * 3, cv2.LINE_AA)
    return image


@pytest.mark.parametrize(
    "image",
    [
        ball_on_white(),
        landscape(),
        stool((200, 60, 40), (90, 90, 95)),
        stool((40, 40, 45), (40, 40, 45)),
        white_box(),
        np.full((99, 99, 3), 255, np.uint8),
    ],
)
def test_photos_and_blanks_do_not_look_like_sketches(image: NDArray[np.uint8]) -> None:
    assert not looks_like_sketch(image)


@settings(max_examples=40)
@given(hnp.arrays(np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 40), st.just(3))))
def test_any_picture_is_one_of_both(image: NDArray[np.uint8]) -> None:
    assert looks_like_sketch(image) in (True, False)

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from ml.images.crop import object_box
from ml.images.edges import edge_map

GREY, PALE = (110, 110, 115), (240, 240, 238)


def product(colour: tuple[int, int, int] = GREY, size: int = 384) -> NDArray[np.uint8]:
    """A plain box with a drawer line, 100..280 x 120..300 pixels, on white, blurred by one pixel as photos are."""
    image = np.full((size, size, 3), 255, dtype=np.uint8)
    cv2.rectangle(image, (100, 120), (279, 299), colour, -1)
    cv2.line(image, (100, 200), (279, 200), tuple((c + 128) % 256 for c in colour), 3)
    return np.asarray(cv2.GaussianBlur(image, (0, 0), 0.8), dtype=np.uint8)


def with_shadow(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A soft contact shadow below the product; pixels that are darker already keep their value."""
    shade = np.zeros(image.shape[:2], dtype=np.float32)
    cv2.ellipse(shade, (190, 305), (120, 22), 0, 0, 360, 60, -1)
    shade = np.asarray(cv2.GaussianBlur(shade, (0, 0), 12))
    return np.minimum(image, (255 - shade)[..., None]).astype(np.uint8)


def has_line(edges: NDArray[np.uint8], x: slice | int, y: slice | int) -> bool:
    return bool((edges[y, x] < 64).any())


@pytest.mark.parametrize("colour", [GREY, PALE, (20, 20, 20), (200, 60, 40)])
def test_outline_and_inner_line_are_found(colour: tuple[int, int, int]) -> None:
    edges = edge_map(product(colour))
    assert edges.shape == (384, 384)
    assert has_line(edges, slice(95, 106), 160)
    assert has_line(edges, slice(275, 286), 160)
    assert has_line(edges, 190, slice(115, 126))
    assert has_line(edges, 190, slice(295, 306))
    assert has_line(edges, 190, slice(194, 207))


def test_flat_areas_and_ground_stay_white() -> None:
    edges = edge_map(product())
    assert (edges[215:285, 115:265] == 255).all()
    assert (edges[:110] == 255).all()


def test_soft_shadow_leaves_no_lines() -> None:
    edges = edge_map(with_shadow(product()))
    assert (edges[310:] == 255).all()
    assert (edges[:, :90] == 255).all()
    assert object_box(with_shadow(product())) == pytest.approx((100, 120, 280, 300), abs=2)


def test_noise_and_specks_give_no_lines() -> None:
    rng = np.random.default_rng(0)
    noisy = (product() + rng.normal(0, 3, (384, 384, 3))).clip(0, 255).astype(np.uint8)
    noisy[20:24, 20:24] = 0
    edges = edge_map(noisy)
    assert (edges[:110] == 255).all()
    assert (edges[215:285, 115:265] == 255).mean() > 0.98


def test_lines_are_anti_aliased_and_have_the_set_width() -> None:
    row = edge_map(product((20, 20, 20)), line_width_px=4.0)[160, 85:115]
    assert (255.0 - row).sum() / 255 == pytest.approx(4.0, abs=0.8)
    assert ((row > 0) & (row < 255)).any()


def test_line_width_scales_with_the_photo() -> None:
    small, large = product(), np.asarray(cv2.resize(product(), (768, 768)), dtype=np.uint8)
    ink = [
        (255.0 - edge_map(image)[image.shape[0] * 5 // 12, : image.shape[1] // 2]).sum()
        for image in (small, large)
    ]
    assert ink[1] == pytest.approx(2 * ink[0], rel=0.25)


def test_blank_photo_has_no_edges_and_its_box_is_the_photo() -> None:
    blank = np.full((60, 90, 3), 250, dtype=np.uint8)
    assert (edge_map(blank) == 255).all()
    assert object_box(blank) == (0, 0, 90, 60)


@settings(max_examples=30)
@given(hnp.arrays(np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 40), st.just(3))))
def test_any_photo_gives_an_edge_map_and_a_box_inside_it(image: NDArray[np.uint8]) -> None:
    edges = edge_map(image)
    assert edges.shape == image.shape[:2]
    assert edges.dtype == np.uint8
    x0, y0, x1, y1 = object_box(image)
    assert 0 <= x0 <= x1 <= image.shape[1]
    assert 0 <= y0 <= y1 <= image.shape[0]

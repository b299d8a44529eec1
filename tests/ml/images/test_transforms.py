import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from ml.images.crop import object_box
from ml.images.edges import edge_map
from ml.images.transforms import frame
from ml.sketch.raster import RasterSpec, rasterise
from ml.sketch.strokes import sketch_from_xy

SPEC = RasterSpec()


def centre_of_ink(image: NDArray[np.uint8]) -> list[float]:
    darkness = 255.0 - image
    y, x = np.mgrid[: image.shape[0], : image.shape[1]] + 0.5
    return [float((darkness * v).sum() / darkness.sum()) for v in (x, y)]


@pytest.mark.parametrize("squareness", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("scale", [0.5, 1.0, 2.4, 7.0])
def test_photo_and_drawing_of_the_same_lines_give_the_same_raster(squareness: float, scale: float) -> None:
    """The drawing as a framed photo against its rasterised strokes: the lines coincide."""
    spec = RasterSpec(squareness=squareness)
    corners = np.array([(30, 40), (90, 52), (70, 140), (34, 120), (30, 40)], dtype=float)
    strokes = sketch_from_xy([corners, [(50, 60), (60, 110)]], 160, 180)
    big = RasterSpec(size=round(180 * scale), margin=0, squareness=0, stroke_width_px=3 * scale)
    photo = rasterise(strokes, big, box=(0, 0, 180, 180))
    x0, y0, x1, y1 = (float(v) * scale for v in strokes.ink_box())
    framed, drawn = frame(photo, (x0, y0, x1, y1), spec), rasterise(strokes, spec)
    if squareness == 0:  # stretching widens the photo's lines but not those of a drawing
        assert centre_of_ink(framed) == pytest.approx(centre_of_ink(drawn), abs=0.25)
    thinned = rasterise(strokes, RasterSpec(squareness=squareness, stroke_width_px=1.0))
    assert (framed[thinned < 100] < 160).mean() > 0.97


def test_product_fills_the_frame_inside_its_margin() -> None:
    image = np.full((384, 300, 3), 255, dtype=np.uint8)
    cv2.rectangle(image, (60, 100), (160, 350), (30, 60, 90), -1)
    framed = frame(image, object_box(image), SPEC)
    assert framed.shape == (160, 160, 3)
    rows = np.flatnonzero((framed[..., 0] < 128).any(axis=1))
    assert rows[0] == pytest.approx(SPEC.margin * 160, abs=1.5)
    assert rows[-1] == pytest.approx(160 - SPEC.margin * 160, abs=1.5)


def test_pixels_outside_the_photo_are_white() -> None:
    dark = np.zeros((50, 50), dtype=np.uint8)
    framed = frame(dark, (10, 10, 40, 40), SPEC)
    assert framed[80, 80] == 0
    assert frame(dark, (0, 0, 50, 50), SPEC)[0, 0] == 255


def test_shrinking_averages_pixels() -> None:
    stripes = np.full((1200, 1200), 255, dtype=np.uint8)
    stripes[:, ::2] = 0
    inner = frame(stripes, (0, 0, 1200, 1200), SPEC)[40:120, 40:120]
    assert inner.mean() == pytest.approx(127.5, abs=3)
    assert inner.std() < 8


def test_edge_map_of_the_photo_coincides_with_its_drawing() -> None:
    image = np.full((384, 384, 3), 255, dtype=np.uint8)
    corners = np.array([(80, 90), (300, 110), (280, 320), (100, 300)])
    cv2.fillPoly(image, [corners], (120, 90, 60), lineType=cv2.LINE_AA)
    drawing = sketch_from_xy([np.vstack([corners, corners[:1]]) * 256 / 384], 256, 256)
    edges = frame(edge_map(image), object_box(image), SPEC)
    line = rasterise(drawing, RasterSpec(stroke_width_px=1.0)) < 100
    assert (edges[line] < 128).mean() > 0.95


def test_flat_box_does_not_break_the_frame() -> None:
    framed = frame(np.zeros((20, 20, 3), dtype=np.uint8), (5, 5, 5, 5), SPEC)
    assert framed.shape == (160, 160, 3)
    frame(np.zeros((20, 20), dtype=np.uint8), (0, 5, 20, 5), SPEC)

from contextlib import suppress
from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from ml.benchmarks.doodles import doodle
from ml.errors import SketchError
from ml.sketch.raster import RasterSpec, rasterise
from ml.sketch.strokes import Sketch, SketchLimits, parse_sketch, sketch_from_xy
from ml.sketch.thinning import thin, walk
from ml.sketch.trace import trace
from tests.support.paper import KINDS, agreement, photographed

PLUS = sketch_from_xy([[(0, 50), (100, 50)], [(50, 0), (50, 100)]], 100, 100)


def picture(sketch: Sketch, size: int = 300, width_px: float = 5.0) -> NDArray[np.uint8]:
    grey = rasterise(sketch, RasterSpec(size=size, stroke_width_px=width_px, squareness=0, margin=0.1))
    rgb: NDArray[np.uint8] = np.repeat(grey[..., None], 3, axis=2)
    return rgb


def on_paper(image: NDArray[np.uint8], seed: int = 0) -> NDArray[np.uint8]:
    """The drawing as a photograph: grey pencil, yellowish paper, light decreasing to one side, noise."""
    rng = np.random.default_rng(seed)
    light = np.linspace(0.6, 1.0, image.shape[1])[None, :, None] * np.array([1.0, 0.96, 0.88])
    lit: NDArray[np.float64] = ((90 + image * 0.6) * light + rng.normal(0, 3, image.shape)).clip(0, 255)
    return lit.astype(np.uint8)


def overlap(sketch: Sketch, image: NDArray[np.uint8]) -> tuple[float, float]:
    """Fraction of the picture's ink covered by the traced lines, and fraction of the traced lines on ink."""
    height, width = image.shape[:2]
    spec = RasterSpec(size=width, stroke_width_px=5, squareness=0, margin=0)
    drawn = rasterise(sketch, spec, box=(0, 0, width, height)) < 128
    ink = image[..., 0] < 128
    return float((drawn & ink).sum() / ink.sum()), float((drawn & ink).sum() / drawn.sum())


@pytest.mark.parametrize("seed", range(6))
def test_traced_lines_follow_the_drawn_ones(seed: int) -> None:
    image = picture(doodle(seed))
    for photo in (image, on_paper(image)):
        covered, precise = overlap(trace(photo), image)
        assert covered > 0.85
        assert precise > 0.85


def test_strokes_continue_straight_through_a_crossing() -> None:
    traced = trace(picture(PLUS))
    assert len(traced.strokes) == 2
    for stroke in traced.strokes:
        assert np.ptp(stroke[:, :2], axis=0).max() == pytest.approx(240, abs=5)


def test_result_is_valid_and_in_pixels_of_the_picture() -> None:
    large = np.asarray(cv2.resize(picture(PLUS), (1200, 1200)), np.uint8)
    traced = trace(large)
    assert (traced.width, traced.height) == (1200, 1200)
    assert traced.ink_box() == pytest.approx((120, 120, 1080, 1080), abs=20)
    parse_sketch(traced.to_payload())


def test_longest_stroke_comes_first() -> None:
    sketch = trace(picture(sketch_from_xy([[(0, 0), (20, 0)], [(0, 50), (100, 50)]], 100, 100)))
    assert len(sketch.strokes) == 2
    assert np.ptp(sketch.strokes[0][:, 0]) > np.ptp(sketch.strokes[1][:, 0])


def test_closed_loop_is_one_closed_stroke() -> None:
    angle = np.linspace(0, 2 * np.pi, 60)
    circle = sketch_from_xy([50 + 40 * np.stack([np.cos(angle), np.sin(angle)], axis=1)], 100, 100)
    (stroke,) = trace(picture(circle)).strokes
    assert np.hypot(*(stroke[0] - stroke[-1])[:2]) < 4


def test_blank_and_full_pictures_are_refused() -> None:
    with pytest.raises(SketchError, match=r"^image: no lines found"):
        trace(np.full((200, 200, 3), 240, dtype=np.uint8))
    noise = np.random.default_rng(0).choice([0, 255], (512, 512)).astype(np.uint8)
    with pytest.raises(SketchError, match=r"^upload: "):
        trace(
            np.repeat(cv2.resize(noise, (512, 512))[..., None], 3, axis=2),
            field="upload",
            limits=SketchLimits(max_strokes=5),
        )


@settings(max_examples=40)
@given(hnp.arrays(np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 40), st.just(3))))
def test_any_picture_yields_a_valid_sketch_or_a_sketch_error(image: NDArray[np.uint8]) -> None:
    with suppress(SketchError):
        parse_sketch(trace(image).to_payload())


@pytest.mark.parametrize("kind", KINDS)
def test_a_photo_of_a_drawing_on_paper_yields_its_lines_and_no_others(kind: str) -> None:
    for seed in range(3):
        photo, lines = photographed(doodle(seed), KINDS[kind], seed)
        found, true = agreement(trace(photo), lines)
        assert found > 0.93
        assert true > 0.97


@pytest.mark.parametrize("seed", range(3))
def test_light_lines_on_a_dark_ground_are_traced_like_dark_ones(seed: int) -> None:
    image = picture(doodle(seed))
    expected = overlap(trace(image), image)
    assert overlap(trace(255 - image), image) == pytest.approx(expected, abs=0.02)
    board = np.asarray(30 + (255 - image) * 0.6, dtype=np.uint8)
    assert overlap(trace(board), image) == pytest.approx(expected, abs=0.05)


def test_dark_lines_on_paper_photographed_in_the_dark_stay_the_ink() -> None:
    image = picture(doodle(1))
    covered, precise = overlap(trace((image * 0.3 + 10).astype(np.uint8)), image)
    assert covered > 0.85
    assert precise > 0.85


def test_a_drawing_of_parallel_lines_is_not_taken_for_ruled_paper() -> None:
    fence = [[(x, 20), (x, 80)] for x in range(20, 81, 5)] + [[(15, 30), (85, 30)], [(15, 70), (85, 70)]]
    image = picture(sketch_from_xy(fence, 100, 100), width_px=3.0)
    assert overlap(trace(image), image)[0] > 0.9


def naive_thin(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Thinning of Zhang and Suen (1984) as printed, pixel by pixel."""
    image = np.pad(mask, 1).astype(int)
    changed = True
    while changed:
        changed = False
        for half in (0, 1):
            gone = []
            for y, x in zip(*np.nonzero(image), strict=True):
                ring = [(-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1)]
                p = [image[y + dy, x + dx] for dy, dx in ring]
                turns = sum(a == 0 and b == 1 for a, b in zip(p, p[1:] + p[:1], strict=True))
                p2, p4, p6, p8 = p[0], p[2], p[4], p[6]
                sides = (p2 * p4 * p6, p4 * p6 * p8) if half == 0 else (p2 * p4 * p8, p2 * p6 * p8)
                if 2 <= sum(p) <= 6 and turns == 1 and sides == (0, 0):
                    gone.append((y, x))
            for place in gone:
                image[place] = 0
                changed = True
    return image[1:-1, 1:-1] > 0


@settings(max_examples=30)
@given(hnp.arrays(np.bool_, st.tuples(st.integers(1, 16), st.integers(1, 16))))
def test_thinning_equals_the_naive_implementation(mask: NDArray[np.bool_]) -> None:
    np.testing.assert_array_equal(thin(mask), naive_thin(mask))


@settings(max_examples=50)
@given(hnp.arrays(np.bool_, st.tuples(st.integers(1, 16), st.integers(1, 16))))
def test_walk_visits_every_pixel_and_jumps_at_most_its_reach(mask: NDArray[np.bool_]) -> None:
    chains = list(walk(mask, reach=2))
    assert {p for chain in chains for p in chain} == set(
        zip(*(v.tolist() for v in np.nonzero(mask)), strict=True)
    )
    for chain in chains:
        for (y0, x0), (y1, x1) in pairwise(chain):
            assert 1 <= max(abs(y1 - y0), abs(x1 - x0)) <= 2

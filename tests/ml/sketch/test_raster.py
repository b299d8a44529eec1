from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from ml.benchmarks.doodles import doodle
from ml.benchmarks.raster import grey_error
from ml.errors import ConfigError
from ml.sketch import raster
from ml.sketch.raster import RasterSpec, framing, rasterise
from ml.sketch.strokes import Sketch, sketch_from_xy

GOLDEN = Path(__file__).parent / "golden"
SPEC = RasterSpec()


def chair() -> Sketch:
    lines = [
        [(60, 20), (150, 20), (150, 120), (60, 120), (60, 20)],
        [(60, 120), (40, 160), (170, 160), (150, 120)],
        [(40, 160), (42, 240)],
        [(170, 160), (168, 240)],
        [(105, 30), (104, 70), (106, 110)],
        [(100, 140)],
    ]
    return sketch_from_xy(lines, 256, 256)


CASES = {
    "chair": (chair(), SPEC),
    "doodle": (doodle(3), SPEC),
    "dot": (sketch_from_xy([[(7, 9)]], 256, 256), RasterSpec(size=32)),
    "thick-square": (doodle(4), RasterSpec(size=96, stroke_width_px=7, squareness=1.0, margin=0.1)),
}


@pytest.mark.parametrize("name", CASES)
def test_bytes_equal_the_golden_files(name: str) -> None:
    sketch, spec = CASES[name]
    golden = cv2.imread(str(GOLDEN / f"{name}.png"), cv2.IMREAD_GRAYSCALE)
    np.testing.assert_array_equal(rasterise(sketch, spec), golden)


@pytest.mark.parametrize("sketch", [chair(), *(doodle(seed) for seed in range(8))])
def test_agrees_with_8x_supersampling(sketch: Sketch) -> None:
    assert grey_error(sketch) <= 0.5


@pytest.mark.parametrize("width_px", [1.0, 2.5, 6.0])
def test_exact_at_other_widths(width_px: float) -> None:
    assert grey_error(doodle(9), RasterSpec(stroke_width_px=width_px)) <= 0.7


def test_raster_does_not_depend_on_position_and_size_of_the_drawing() -> None:
    base = doodle(5)
    xy = base.points()[:, :2]
    for scale, shift in ((4.0, 0.0), (0.25, 64.0), (2.0, -128.0)):
        moved = rasterise(base.with_xy(xy * scale + shift))
        np.testing.assert_allclose(moved.astype(float), rasterise(base), atol=3)


def test_ink_keeps_the_margin() -> None:
    ink = rasterise(doodle(6)) < 255
    reach = SPEC.margin * SPEC.size - SPEC.stroke_width_px / 2
    rows = np.flatnonzero(ink.any(axis=1))
    columns = np.flatnonzero(ink.any(axis=0))
    assert min(rows[0], columns[0]) >= int(reach) - 1
    assert max(rows[-1], columns[-1]) <= SPEC.size - int(reach)


@pytest.mark.parametrize(("squareness", "expected"), [(0.0, 0.25), (0.5, 0.5), (1.0, 1.0)])
def test_squareness_stretches_the_shorter_side(squareness: float, expected: float) -> None:
    scale_x, scale_y, _, _ = framing((0, 0, 400, 100), RasterSpec(squareness=squareness))
    assert 100 * scale_y / (400 * scale_x) == pytest.approx(expected)


@given(st.tuples(*[st.floats(-1e4, 1e4)] * 4), st.floats(0, 1))
def test_framing_centres_any_box_inside_the_margins(box: tuple[float, ...], squareness: float) -> None:
    x0, x1 = sorted((box[0], box[2]))
    y0, y1 = sorted((box[1], box[3]))
    spec = RasterSpec(squareness=squareness)
    scale_x, scale_y, shift_x, shift_y = framing((x0, y0, x1, y1), spec)
    room = spec.size * (1 - 2 * spec.margin)
    if max(x1 - x0, y1 - y0) > 1e-3:
        assert (x1 - x0) * scale_x <= room * (1 + 1e-9)
        assert (y1 - y0) * scale_y <= room * (1 + 1e-9)
        assert (x0 + x1) / 2 * scale_x + shift_x == pytest.approx(spec.size / 2, abs=1e-3)
        assert (y0 + y1) / 2 * scale_y + shift_y == pytest.approx(spec.size / 2, abs=1e-3)


def test_dot_is_a_disc_in_the_centre() -> None:
    image = rasterise(sketch_from_xy([[(200, 3)]], 256, 256), RasterSpec(size=64, stroke_width_px=9))
    darkness = (255.0 - image) / 255
    assert darkness.sum() == pytest.approx(np.pi * 4.5**2, rel=0.03)
    y, x = np.mgrid[:64, :64] + 0.5
    assert (darkness * x).sum() / darkness.sum() == pytest.approx(32, abs=0.05)
    assert (darkness * y).sum() / darkness.sum() == pytest.approx(32, abs=0.05)
    np.testing.assert_allclose(image, image.T, atol=2)


def test_caps_are_round() -> None:
    spec = RasterSpec(size=200, stroke_width_px=20, squareness=0, margin=0.1)
    darkness = 1 - rasterise(sketch_from_xy([[(0, 0), (100, 0)]], 256, 256), spec) / 255.0
    assert darkness.sum() == pytest.approx(160 * 20 + np.pi * 100, rel=0.01)
    assert darkness[100, 11] > 0.9  # the middle of the cap extends 10 px past the end
    assert darkness[91, 11] < 0.1  # the corners do not


def test_sharp_turn_has_no_mitre() -> None:
    spec = RasterSpec(size=200, stroke_width_px=12, squareness=0)
    image = rasterise(sketch_from_xy([[(0, 0), (100, 5), (0, 10)]], 256, 256), spec)
    rightmost = np.flatnonzero((image < 128).any(axis=0))[-1]
    assert rightmost <= 200 - 12 + 6


def test_dot_beside_lines_is_drawn() -> None:
    with_dot = sketch_from_xy([[(0, 0), (100, 0), (100, 100)], [(30, 70)]], 256, 256)
    without = sketch_from_xy([[(0, 0), (100, 0), (100, 100)]], 256, 256)
    added = rasterise(without).astype(float) - rasterise(with_dot)
    assert added.sum() / 255 == pytest.approx(np.pi * 1.5**2, rel=0.05)


def test_repeated_points_change_nothing() -> None:
    sketch = sketch_from_xy([[(0, 0), (50, 80), (100, 0)]], 256, 256)
    stuttering = sketch_from_xy([[(0, 0)] * 3 + [(50, 80)] * 2 + [(100, 0)] * 4], 256, 256)
    np.testing.assert_array_equal(rasterise(stuttering), rasterise(sketch))


def test_box_replaces_the_ink_box() -> None:
    whole = sketch_from_xy([[(0, 0), (100, 0), (100, 100), (0, 100)], [(20, 20), (40, 30)]], 100, 100)
    part = sketch_from_xy([[(20, 20), (40, 30)]], 100, 100)
    framed = rasterise(part, box=(0, 0, 100, 100))
    np.testing.assert_array_equal(np.minimum(rasterise(whole), framed), rasterise(whole))
    assert (framed < 255).sum() < (rasterise(part) < 255).sum()


def test_box_far_smaller_than_the_ink_is_drawn_without_error() -> None:
    image = rasterise(sketch_from_xy([[(-1000, 50), (1200, 50)]], 256, 256), box=(49.9, 49.9, 50.1, 50.1))
    assert (image[80] == 0).all()


def test_pressure_changes_the_width_only_if_enabled() -> None:
    light = sketch_from_xy([[(0, 0), (100, 100)]], 256, 256, pressures=[[0.1, 0.1]])
    heavy = sketch_from_xy([[(0, 0), (100, 100)]], 256, 256, pressures=[[0.9, 0.9]])
    np.testing.assert_array_equal(rasterise(light), rasterise(heavy))
    spec = RasterSpec(pressure_gain=0.8)
    assert (255.0 - rasterise(heavy, spec)).sum() > 2 * (255.0 - rasterise(light, spec)).sum()


def test_pressure_keeps_lines_connected_and_dots_visible() -> None:
    ramp = sketch_from_xy(
        [[(x, 0) for x in range(0, 101, 5)], [(50, 40)]], 256, 256, pressures=[np.linspace(0, 1, 21), [1.0]]
    )
    image = rasterise(ramp, RasterSpec(pressure_gain=0.5, squareness=0))
    row = image[image.min(axis=1).argmin()]
    ink = np.flatnonzero((image < 128).any(axis=0))
    assert (np.diff(ink) == 1).all()
    assert row.min() == 0
    assert (image[100:] < 128).any()


def test_an_invalid_spec_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"raster.margin: 0.5"):
        RasterSpec(margin=0.5)
    with pytest.raises(ConfigError, match=r"raster\.size"):
        RasterSpec(size=0)


def redrawn(sketch: Sketch, n_points: int) -> Sketch:
    """The same lines from a tablet with a much higher report rate."""
    per_line = n_points // len(sketch.strokes)
    lines = []
    for stroke in sketch.strokes:
        places = np.unique([*np.linspace(0, len(stroke) - 1, per_line), *range(len(stroke))])
        lines.append(
            np.stack([np.interp(places, np.arange(len(stroke)), stroke[:, axis]) for axis in (0, 1)], 1)
        )
    return sketch_from_xy(lines, sketch.width, sketch.height)


@pytest.mark.parametrize("sketch", [chair(), *(doodle(seed) for seed in range(8))])
def test_invisibly_close_points_do_not_change_the_raster_visibly(sketch: Sketch) -> None:
    plain = rasterise(sketch).astype(int)
    for n_points in (5_000, 20_000):
        dense = rasterise(redrawn(sketch, n_points)).astype(int)
        assert np.abs(dense - plain).mean() < 0.1
        assert np.abs(dense - plain).max() < 128


@pytest.mark.parametrize("pressure_gain", [0.0, 0.5])
def test_a_tremble_of_many_points_is_drawn_as_by_all_points(
    pressure_gain: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(0)
    t = np.linspace(0, 20, 12_000)
    spiral = np.stack([np.cos(t), np.sin(t)], 1) * t[:, None] * 6 + 128 + rng.normal(0, 0.02, (len(t), 2))
    sketch = sketch_from_xy([spiral[:7_000], spiral[7_000:], [(128, 250)]], 256, 256)
    spec = RasterSpec(pressure_gain=pressure_gain)
    thinned = rasterise(sketch, spec).astype(int)
    monkeypatch.setattr(raster, "_HAND_POINTS", 10**9)
    whole = rasterise(sketch, spec).astype(int)
    assert np.abs(thinned - whole).mean() < 2


def test_drawing_cost_depends_on_visible_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int] = []
    draw = raster._drawn

    def counted(x: NDArray[np.float64], *rest: Any) -> NDArray[np.uint8]:
        drawn.append(len(x))
        return draw(x, *rest)

    monkeypatch.setattr(raster, "_drawn", counted)
    rasterise(redrawn(chair(), 20_000))
    assert drawn[0] < 9_000
    few = redrawn(chair(), 1_900)
    rasterise(few)
    assert drawn[1] == len(few.points()), "drawings of usual length must not be thinned"

import math
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.errors import SketchError
from ml.sketch.strokes import HAND_LIMITS, PRESSURE, SketchLimits, T, parse_sketch, sketch_from_xy

COORDINATE = st.floats(-900, 1200, width=32)


@st.composite
def payloads(draw: st.DrawFn) -> dict[str, Any]:
    columns = draw(st.sampled_from([2, 3, 4]))
    clock = draw(st.floats(0, 1e6))
    strokes = []
    for _ in range(draw(st.integers(1, 6))):
        stroke = []
        for _ in range(draw(st.integers(1, 12))):
            clock += draw(st.floats(0, 1e4))
            point = [draw(COORDINATE), draw(COORDINATE), clock, draw(st.floats(0, 1))]
            stroke.append(point[:columns])
        strokes.append(stroke)
    return {"width": 256, "height": 240.5, "strokes": strokes}


@given(payloads())
def test_round_trip_keeps_every_value(payload: dict[str, Any]) -> None:
    sketch = parse_sketch(payload)
    again = parse_sketch(sketch.to_payload())
    assert (again.width, again.height) == (256.0, 240.5)
    for stroke, same, given_stroke in zip(sketch.strokes, again.strokes, payload["strokes"], strict=True):
        np.testing.assert_array_equal(stroke, same)
        np.testing.assert_allclose(stroke[:, :2], np.array(given_stroke)[:, :2], rtol=1e-6)


@given(payloads())
def test_time_starts_at_zero_and_never_decreases(payload: dict[str, Any]) -> None:
    times = parse_sketch(payload).points()[:, T]
    assert times[0] == 0
    assert (np.diff(times) >= 0).all()


def test_missing_time_is_synthesised_and_missing_pressure_neutral() -> None:
    sketch = parse_sketch({"width": 10, "height": 10, "strokes": [[[1, 1], [2, 2]], [[3, 3]]]})
    assert (np.diff(sketch.points()[:, T]) > 0).all()
    assert (sketch.points()[:, PRESSURE] == 0.5).all()


def test_wall_clock_times_keep_their_milliseconds() -> None:
    start = 1_760_000_000_123
    sketch = parse_sketch({"width": 10, "height": 10, "strokes": [[[1, 1, start], [2, 2, start + 7]]]})
    assert sketch.points()[:, T].tolist() == [0, 7]


def test_a_single_dot_is_a_sketch() -> None:
    sketch = parse_sketch({"width": 10, "height": 10, "strokes": [[[4, 5]]]})
    assert sketch.ink_box() == (4, 5, 4, 5)


def test_pressure_may_differ_between_strokes_of_pen_and_mouse() -> None:
    sketch = parse_sketch({"width": 10, "height": 10, "strokes": [[[1, 1, 0, 0.9]], [[2, 2, 5]]]})
    assert sketch.points()[:, PRESSURE].tolist() == pytest.approx([0.9, 0.5])


def strokes(value: object) -> dict[str, object]:
    return {"width": 256, "height": 256, "strokes": value}


DOT = [1, 1, 0, 0.5]


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        (None, "sketch: missing"),
        ([], "sketch: of type list"),
        ({"height": 5, "strokes": [[DOT]]}, "sketch.width: missing"),
        ({"width": True, "height": 5, "strokes": [[DOT]]}, "sketch.width: of type bool"),
        ({"width": 5, "height": math.nan, "strokes": [[DOT]]}, "sketch.height: must be between"),
        ({"width": 5, "height": 10**400, "strokes": [[DOT]]}, "sketch.height: must be between"),
        ({"width": 0, "height": 5, "strokes": [[DOT]]}, "sketch.width: must be between"),
        ({"width": 5, "height": 5}, "sketch.strokes: missing"),
        (strokes("abc"), "sketch.strokes: of type str"),
        (strokes([]), "sketch.strokes: empty, expected at least one stroke"),
        (strokes([[DOT], []]), "sketch.strokes[1]: empty, expected at least one point"),
        (strokes([[DOT], 7]), "sketch.strokes[1]: of type int"),
        (strokes([[DOT, None]]), "sketch.strokes[0][1]: missing"),
        (strokes([[DOT, [1]]]), "sketch.strokes[0][1]: 1 values, expected 2 to 4"),
        (strokes([[DOT, [1, 1]]]), "sketch.strokes[0][1]: 2 values"),
        (strokes([[[1, 2, 3, 0.4, 5]]]), "sketch.strokes[0][0]: 5 values"),
        (strokes([[DOT], [[1, 2]]]), "sketch.strokes[1]: times must be given for every stroke or for none"),
        (strokes([[["1", 2]]]), "sketch.strokes[0][0].x: of type str"),
        (strokes([[[1, True]]]), "sketch.strokes[0][0].y: of type bool"),
        (strokes([[[1, [2]]]]), "sketch.strokes[0][0].y: of type list"),
        (strokes([[[1, None]]]), "sketch.strokes[0][0].y: missing"),
        (strokes([[DOT, [math.nan, 1, 0, 0.5]]]), "sketch.strokes[0][1].x: not a finite number"),
        (strokes([[DOT], [DOT, [1, 1e308, 0, 0.5]]]), "sketch.strokes[1][1].y: 1e+308, must be between"),
        (strokes([[[1, math.inf]]]), "sketch.strokes[0][0].y: not a finite number"),
        (strokes([[[10**400, 1]]]), "sketch.strokes[0]: a number is too large"),
        (strokes([[[1500, 1]]]), "sketch.strokes[0][0].x: 1500, must be between -1024 and 1280"),
        (strokes([[[1, 1, 0, 1.5]]]), "sketch.strokes[0][0].pressure: 1.5, must be between 0 and 1"),
        (strokes([[[1, 1, 9], [1, 1, 8]]]), "sketch.strokes[0][1].t_ms: 8 after 9"),
        (strokes([[[1, 1, 9]], [[1, 1, 8]]]), "sketch.strokes[1][0].t_ms: 8 after 9"),
        (strokes([[DOT]] * 1001), "sketch.strokes: 1001 strokes, at most 1000"),
        (strokes([[DOT]] * 3 + [[DOT] * 12001]), "sketch.strokes[3]: 12001 points, at most 10000"),
        (strokes([[DOT] * 9000] * 6), "sketch.strokes: 54000 points in total, at most 50000"),
    ],
)
def test_error_names_the_field_and_the_expected_value(payload: object, message: str) -> None:
    with pytest.raises(SketchError) as caught:
        parse_sketch(payload)
    assert str(caught.value).startswith(message)


def test_a_million_points_are_refused_without_reading_them() -> None:
    class Untouchable(list[float]):
        def __iter__(self) -> Any:
            raise AssertionError("a point was read")

    payload = strokes([[Untouchable([1, 1])] * 1_000_000])
    with pytest.raises(SketchError, match="1000000 points"):
        parse_sketch(payload)


def test_limits_and_field_name_are_set_by_the_caller() -> None:
    with pytest.raises(SketchError, match=r"^query.strokes: 2 strokes, at most 1$"):
        parse_sketch(strokes([[DOT], [DOT]]), limits=SketchLimits(max_strokes=1), field="query")


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.binary(max_size=3),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=30,
)
NUMBER = st.floats() | st.integers() | st.just(1e308) | st.just(10**400)


@given(JUNK)
def test_junk_raises_nothing_but_sketch_errors(junk: object) -> None:
    for payload in (junk, strokes(junk), strokes([junk]), strokes([[junk]]), strokes([[[1, junk]]])):
        with suppress(SketchError):
            assert np.isfinite(parse_sketch(payload).points()).all()


@given(st.lists(st.lists(st.lists(NUMBER, min_size=2, max_size=4), min_size=1, max_size=4), max_size=4))
def test_any_numbers_yield_a_finite_sketch_or_a_sketch_error(value: object) -> None:
    try:
        sketch = parse_sketch(strokes(value))
    except SketchError:
        return
    points = sketch.points()
    assert np.isfinite(points).all()
    assert points.dtype == np.float32
    assert ((points[:, PRESSURE] >= 0) & (points[:, PRESSURE] <= 1)).all()


def test_trusted_sketch_clamps_decreasing_times_and_drops_empty_strokes() -> None:
    sketch = sketch_from_xy([[[1, 2], [3, 4]], [], [[5, 6]]], 10, 10, times=[[5, 3], [], [9]])
    assert len(sketch.strokes) == 2
    assert sketch.points()[:, T].tolist() == [0, 0, 4]
    with pytest.raises(SketchError):
        sketch_from_xy([[]], 10, 10)


def hand(strokes: list[list[list[float]]]) -> dict[str, object]:
    return {"width": 256, "height": 256, "strokes": strokes}


def tablet_drawing(n_points: int) -> list[list[list[float]]]:
    """Several minutes of pen movement, in strokes of a thousand points."""
    turns = np.linspace(0, 90, n_points)
    xy = np.stack([128 + turns * np.cos(turns), 128 + turns * np.sin(turns)], axis=1).round(1)
    return [xy[start : start + 1000].tolist() for start in range(0, n_points, 1000)]


def test_a_long_drawing_on_a_fast_tablet_is_accepted() -> None:
    assert len(parse_sketch(hand(tablet_drawing(20_000)), limits=HAND_LIMITS).points()) == 20_000


def test_more_points_than_people_draw_are_refused() -> None:
    with pytest.raises(SketchError, match=r"^sketch\.strokes: 20001 points in total, at most 20000$"):
        parse_sketch(hand([*tablet_drawing(20_000), [[1, 1]]]), limits=HAND_LIMITS)
    assert parse_sketch(hand(tablet_drawing(21_000)))  # allowed in a file


@pytest.mark.parametrize("flat", [1.0, 0.001])
def test_more_ink_than_people_draw_is_refused(flat: float) -> None:
    """Long lines cost by their length; a flat drawing is stretched before it is rasterised."""
    zigzag = [[10 + n % 2 * 200, 10 + n * 0.05 * flat] for n in range(3_000)]
    if flat < 1:
        zigzag = [[n * 0.05, 10 + n % 2 * 200 * flat] for n in range(4_000)]
        assert parse_sketch(
            hand([zigzag]), limits=HAND_LIMITS
        )  # 200 x 0.2: 4,000 strokes of 1/32 of its size
        return
    with pytest.raises(
        SketchError,
        match=r"^sketch\.strokes: lines 2999 times as long as the drawing's side in total, at most",
    ):
        parse_sketch(hand([zigzag]), limits=HAND_LIMITS)
    lifted = [zigzag[n : n + 2] for n in range(0, 900, 2)]
    assert parse_sketch(hand(lifted), limits=HAND_LIMITS), "pen lifts are no ink"

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.benchmarks.doodles import doodle
from ml.errors import SketchError
from ml.sketch.formats.svg.document import is_svg
from ml.sketch.formats.svg.reading import read_svg, trace_svg
from ml.sketch.formats.svg.writing import write_svg
from ml.sketch.strokes import SketchLimits, parse_sketch, sketch_from_xy


def svg(body: str, attributes: str = 'viewBox="0 0 100 100"') -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {attributes}><g fill="none" stroke="black">{body}</g></svg>'
    )


def lines(body: str) -> list[list[list[float]]]:
    return [np.round(stroke[:, :2].astype(float), 4).tolist() for stroke in read_svg(svg(body)).strokes]


@given(st.integers(0, 10_000), st.integers(1, 12))
def test_round_trip(seed: int, n_strokes: int) -> None:
    sketch = doodle(seed, n_strokes=n_strokes)
    again = read_svg(write_svg(sketch))
    assert again.lengths.tolist() == sketch.lengths.tolist()
    assert (again.width, again.height) == (256, 256)
    np.testing.assert_allclose(again.points()[:, :2], sketch.points()[:, :2], atol=6e-4)
    parse_sketch(again.to_payload())


def test_dot_survives_as_a_dot() -> None:
    again = read_svg(write_svg(sketch_from_xy([[(3, 4)]], 10, 10)))
    assert again.ink_box() == (3, 4, 3, 4)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('<line x1="1" y1="2" x2="3" y2="4"/>', [[[1, 2], [3, 4]]]),
        ('<polyline points="1,2 3,4, 5 6"/>', [[[1, 2], [3, 4], [5, 6]]]),
        ('<polygon points="1 2 3 4 5 0"/>', [[[1, 2], [3, 4], [5, 0], [1, 2]]]),
        ('<rect x="1" y="2" width="3" height="4"/>', [[[1, 2], [4, 2], [4, 6], [1, 6], [1, 2]]]),
        ('<path d="M1 2l3 4"/>', [[[1, 2], [4, 6]]]),
        ('<path d="m1 2 3 4h5v6H0V0z"/>', [[[1, 2], [4, 6], [9, 6], [9, 12], [0, 12], [0, 0], [1, 2]]]),
        ('<path d="M0 0L1 0M5 5L6 6"/>', [[[0, 0], [1, 0]], [[5, 5], [6, 6]]]),
        ('<path d="M0 0h4zl0 3"/>', [[[0, 0], [4, 0], [0, 0]], [[0, 0], [0, 3]]]),
        (
            '<g transform="translate(10 20)"><path d="M1 2L3 4" transform="scale(2)"/></g>',
            [[[12, 24], [16, 28]]],
        ),
        ('<path d="M1 0L2 0" transform="rotate(90)"/>', [[[0, 1], [0, 2]]]),
        ('<path d="M1 0L2 0" transform="rotate(180, 1, 1)"/>', [[[1, 2], [0, 2]]]),
        ('<path d="M1 1L2 2" transform="matrix(1 0 0 2 5 0) translate(1)"/>', [[[7, 2], [8, 4]]]),
        ('<path d="M0 1L0 2" transform="skewX(45)"/>', [[[1, 1], [2, 2]]]),
        (
            '<g transform="translate(10)"><g transform="scale(2) rotate(90)"><g transform="translate(1 0)">'
            '<line x1="0" y1="0" x2="3" y2="0"/></g></g></g>',
            [[[10, 2], [10, 8]]],
        ),
        (
            '<rect x="10%" y="0" width="50%" height="100%"/>',
            [[[10, 0], [60, 0], [60, 100], [10, 100], [10, 0]]],
        ),
        ('<defs><path id="a" d="M1 2L3 4"/></defs><use href="#a" x="10" y="20"/>', [[[11, 22], [13, 24]]]),
        (
            '<path id="a" d="M1 2L3 4"/><use xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="#a"'
            ' transform="scale(2)"/>',
            [[[1, 2], [3, 4]], [[2, 4], [6, 8]]],
        ),
        (
            '<symbol id="a" viewBox="0 0 10 10"><path d="M0 0L10 10"/></symbol>'
            '<use href="#a" x="5" width="20" height="40"/>',
            [[[5, 10], [25, 30]]],
        ),
        (
            '<svg x="50" y="50" width="50" height="50" viewBox="0 0 5 5"><path d="M1 1L2 2"/></svg>',
            [[[60, 60], [70, 70]]],
        ),
    ],
)
def test_shapes_and_transforms(body: str, expected: list[list[list[float]]]) -> None:
    assert lines(body) == expected


def test_a_rounded_rectangle_stays_within_its_sides() -> None:
    (line,) = lines('<rect x="10" y="20" width="40" height="30" rx="8"/>')
    points = np.array(line)
    assert points.min(axis=0) == pytest.approx([10, 20], abs=1e-3)
    assert points.max(axis=0) == pytest.approx([50, 50], abs=1e-3)
    assert np.hypot(*(points - [10, 20]).T).min() == pytest.approx(8 * (np.sqrt(2) - 1), abs=0.05)


@pytest.mark.parametrize(
    "body",
    [
        '<use href="#a"/><g id="a"><use href="#a"/></g>',
        '<g id="a0"><path d="M1 1L2 2"/></g>'
        + "".join(f'<g id="a{n}">{f"""<use href="#a{n - 1}"/>""" * 10}</g>' for n in range(1, 9)),
    ],
)
def test_references_that_grow_without_end_are_refused(body: str) -> None:
    with pytest.raises(SketchError, match="more than"):
        read_svg(svg(body))


def test_styles_and_classes_decide_what_is_visible() -> None:
    style = "<style>.no{display:none} .faint, #b {stroke:none} /* .c{display:none} */ path{opacity:1}</style>"
    hidden = (
        '<path class="other no" d="M0 0L9 9"/><path class="faint" d="M0 0L9 9"/><path id="b" d="M0 0L9 9"/>'
        '<path style="stroke-width:0" d="M0 0L9 9"/><g opacity="0"><path d="M0 0L9 9"/></g>'
        '<path stroke="#FFFFFF" d="M0 0L9 9"/>'
    )
    assert lines(style + hidden + '<path class="c" d="M1 1L2 2"/>') == [[[1, 1], [2, 2]]]


def test_light_lines_on_a_dark_ground_are_drawn() -> None:
    ground = '<rect width="100" height="100" fill="#121212" stroke="none"/>'
    assert lines(ground + '<path stroke="#fff" d="M1 1L2 2"/>') == [[[1, 1], [2, 2]]]


def test_text_and_pictures_are_not_drawn() -> None:
    others = (
        '<text x="5" y="5" stroke="black">abc<tspan>def</tspan></text><image href="a.png" width="9" height="9"/>'
        '<foreignObject><path d="M0 0L9 9"/></foreignObject><title>t</title><!-- <path d="M0 0L9 9"/> -->'
    )
    assert lines(others + '<path d="M1 1L2 2"/>') == [[[1, 1], [2, 2]]]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (svg("").encode(), True),
        (b"\xef\xbb\xbf" + svg("").encode(), True),
        (
            b'<?xml version="1.0"?>\n<!-- an editor -->\n<svg:svg xmlns:svg="http://www.w3.org/2000/svg"/>',
            True,
        ),
        (b"<html><body/></html>", False),
        (b"\x89PNG\r\n <svg>", False),
        (b"", False),
    ],
)
def test_an_svg_is_recognised_by_its_content(data: bytes, expected: bool) -> None:
    assert is_svg(data) is expected


def rough(points: list[tuple[float, float]], rng: np.random.Generator) -> str:
    """A line as Excalidraw draws it: twice, each a little off."""
    moved = [np.array(points) + rng.uniform(-2, 2, (len(points), 2)) for _ in range(2)]
    return " ".join("M" + "L".join(f"{x:.2f} {y:.2f}" for x, y in line) for line in moved)


def pen_outline(points: list[tuple[float, float]], width: float) -> str:
    """The outline of a pen's ink, as Excalidraw writes freehand lines."""
    line = np.array(points) @ [1, 1j]
    across = np.gradient(line) / np.abs(np.gradient(line)) * 0.5j * width
    outline = np.concatenate([line + across, (line - across)[::-1]])
    return "M" + "L".join(f"{z.real:.2f} {z.imag:.2f}" for z in outline) + "Z"


def test_an_export_of_excalidraw_yields_one_line_per_stroke() -> None:
    rng = np.random.default_rng(0)
    box = [(50.0, 50.0), (350.0, 50.0), (350.0, 250.0), (50.0, 250.0), (50.0, 50.0)]
    wave = [(60.0 + 5 * t, 320 + 30 * float(np.sin(t / 6))) for t in range(50)]
    sketch = trace_svg(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400"><!-- svg-source:excalidraw -->'
        "<metadata></metadata><defs><style>@font-face{font-family:Virgil}</style></defs>"
        '<rect x="0" y="0" width="400" height="400" fill="#ffffff"/>'
        f'<g stroke-linecap="round" transform="translate(0 0) rotate(0 150 100)">'
        f'<path d="{rough(box, rng).split(" M")[0]}" stroke="none" stroke-width="0" fill="#ffc9c9"/>'
        f'<path d="{rough(box, rng)}" stroke="#1e1e1e" stroke-width="2" fill="none"/></g>'
        f'<g><path d="{pen_outline(wave, 5)}" fill="#1e1e1e" stroke="none"/></g>'
        '<g transform="translate(9 9)"><text x="0" y="17.5" fill="#1e1e1e">a box</text></g></svg>'
    )
    assert len(sketch.strokes) == 2
    rectangle, line = (stroke[:, :2] for stroke in sketch.strokes)
    assert np.ptp(rectangle, axis=0) == pytest.approx([300, 200], abs=8)
    assert np.ptp(line, axis=0) == pytest.approx([245, 60], abs=6)
    distance = np.hypot(*(np.array(wave)[:, None] - line[None]).transpose(2, 0, 1))
    assert distance.min(axis=0).max() < 4


def test_large_filled_areas_keep_their_outline_and_parallel_lines_stay_two() -> None:
    sketch = trace_svg(svg('<path d="M10 10H90V90H10Z" fill="red" stroke="none"/>'))
    assert len(sketch.strokes) == 1
    assert sketch.ink_box() == pytest.approx((10, 10, 90, 90))
    assert len(trace_svg(svg('<path d="M10 10H90M10 14H90M10 18H60"/>')).strokes) == 3


def test_a_traced_svg_is_within_the_limits_of_hand_drawing() -> None:
    dense = "L".join(
        f"{50 + 40 * np.cos(t):.3f} {50 + 40 * np.sin(t):.3f}" for t in np.linspace(0, 6.2, 9000)
    )
    assert len(trace_svg(svg(f'<path d="M{dense}"/>')).points()) < 200
    scribble = "L".join(f"{x} {y}" for x, y in np.random.default_rng(0).integers(0, 100, (2000, 2)))
    with pytest.raises(SketchError, match=r"^image: too much detail"):
        trace_svg(svg(f'<path d="M{scribble}"/>'), field="image")


def test_numbers_may_follow_without_separators() -> None:
    assert lines('<path d="M1-2.5.5 3"/>') == [[[1, -2.5], [0.5, 3]]]


@pytest.mark.parametrize(
    ("d", "truth"),
    [
        ("M0 0C0 50 100 50 100 0", lambda t: 3 * t * t * (1 - t) * 100 + 1j * 150 * t * (1 - t) + t**3 * 100),
        ("M0 0Q50 100 100 0", lambda t: 100 * t + 200j * t * (1 - t)),
        ("M50 0A50 50 0 0 1 100 50", lambda t: 50 + 50j - 50j * np.exp(1j * np.pi / 2 * t)),
        ("M0 0A50 50 0 1 0 100 0", lambda t: 50 - 50 * np.exp(-1j * np.pi * t)),
    ],
)
def test_curves_stay_within_a_thousandth_of_the_canvas(d: str, truth: Any) -> None:
    (line,) = lines(f'<path d="{d}"/>')
    z = np.array(line) @ [1, 1j]
    exact = truth(np.linspace(0, 1, 20_001))
    dense = np.interp(np.linspace(0, len(z) - 1, 5000), np.arange(len(z)), z)
    assert max(np.abs(exact - point).min() for point in dense[::10]) < 0.1
    assert max(np.abs(dense - point).min() for point in exact[::200]) < 0.1


def test_smooth_curves_mirror_the_control_point() -> None:
    np.testing.assert_allclose(
        lines('<path d="M0 0C0 10 10 10 10 0S20-10 20 0"/>'),
        lines('<path d="M0 0C0 10 10 10 10 0C10 -10 20-10 20 0"/>'),
    )
    np.testing.assert_allclose(
        lines('<path d="M0 0Q5 10 10 0T20 0"/>'), lines('<path d="M0 0Q5 10 10 0Q15 -10 20 0"/>')
    )
    # after a straight line there is no control point to mirror
    np.testing.assert_allclose(
        lines('<path d="M0 0L10 0S20-10 20 0"/>'), lines('<path d="M0 0L10 0C10 0 20-10 20 0"/>')
    )


def test_arc_flags_may_follow_without_separators() -> None:
    assert lines('<path d="M10 10a25 25-30 0150 25"/>') == lines('<path d="M10 10 a25 25 -30 0 1 50 25"/>')


def test_an_arc_of_too_small_radius_is_scaled_up() -> None:
    (line,) = lines('<path d="M0 0A1 1 0 0 1 20 0"/>')
    assert line[-1] == [20, 0]
    assert min(y for _, y in line) == pytest.approx(-10, abs=0.05)


def test_circle_and_ellipse_are_closed() -> None:
    circle, ellipse = lines('<circle cx="50" cy="50" r="40"/><ellipse cx="50" cy="50" rx="40" ry="10"/>')
    assert circle[0] == pytest.approx(circle[-1])
    assert np.abs(np.hypot(*(np.array(circle).T - 50)) - 40).max() < 1e-3
    assert np.ptp(np.array(ellipse), axis=0) == pytest.approx([80, 20], abs=0.1)


def test_view_box_sets_origin_and_size_of_the_canvas() -> None:
    sketch = read_svg(svg('<path d="M-40 10L0 20"/>', 'viewBox="-50 0 200 100" width="10mm"'))
    assert (sketch.width, sketch.height) == (200, 100)
    assert sketch.ink_box() == (10, 10, 50, 20)


def test_canvas_falls_back_to_width_and_height_then_to_the_ink() -> None:
    sized = read_svg(svg('<path d="M1 1L4 3"/>', 'width="30px" height="40"'))
    assert (sized.width, sized.height) == (30, 40)
    bare = read_svg(svg('<path d="M10 10L40 30"/>', 'width="100%" height="100%"'))
    assert (bare.width, bare.height, bare.ink_box()) == (30, 20, (0, 0, 30, 20))


def test_invisible_elements_are_not_drawn() -> None:
    hidden = (
        '<defs><path d="M0 0L9 9"/></defs><path display="none" d="M0 0L9 9"/>'
        '<g style="display: none"><path d="M0 0L9 9"/></g><path visibility="hidden" d="M0 0L9 9"/>'
        '<rect width="100" height="100" fill="white" stroke="none"/><text x="5">abc</text>'
    )
    assert lines(hidden + '<path d="M1 1L2 2"/>') == [[[1, 1], [2, 2]]]


def test_doctype_without_entities_is_accepted() -> None:
    head = (
        '<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/svg11.dtd">'
    )
    assert len(read_svg(head + svg('<path d="M1 1L2 2"/>')).strokes) == 1


@pytest.mark.parametrize(
    "document",
    [
        "",
        "no xml",
        "<svg",
        "<html/>",
        "<svg/>",
        svg(""),
        '<!DOCTYPE svg [<!ENTITY a "b">]>' + svg('<path d="M1 1L2 2"/>'),
        '<!DOCTYPE svg [<!ENTITY % a SYSTEM "file:///etc/passwd"> %a;]>' + svg('<path d="M1 1L2 2"/>'),
        "<svg>" * 1000,
        svg('<path d="L1 1"/>'),
        svg('<path d="M1 1L2"/>'),
        svg('<path d="M1 1 z 5"/>'),
        svg('<path d="M1 1 L nan 5"/>'),
        svg('<path d="M1 1L1e308 1e308"/>'),
        svg('<path d="M1 1C1e308 0 -1e308 0 5 5"/>'),
        svg('<path d="M1 1A1e308 1e308 0 0 1 5 5L1e999 0"/>'),
        svg('<path d="M1 1L9000 1"/>'),
        svg('<path d="M1 1L2 2" transform="spin(5)"/>'),
        svg('<path d="M1 1L2 2" transform="scale(1e200) scale(1e200)"/>'),
        svg('<path d="M1 1L2 2"/>', 'viewBox="0 0 1e300 5"'),
        svg('<path d="M1 1L2 2"/>', 'viewBox="0 0 0 0"'),
    ],
)
def test_bad_documents_raise_sketch_errors(document: str) -> None:
    with pytest.raises(SketchError):
        read_svg(document)


def test_limits_are_enforced() -> None:
    many = svg('<path d="M1 1L2 2"/>' * 11)
    with pytest.raises(SketchError, match="more than 10 lines"):
        read_svg(many, limits=SketchLimits(max_strokes=10))
    with pytest.raises(SketchError, match="more than 5 points"):
        read_svg(svg('<path d="M1 1L2 2 3 3 4 4 5 5 6 6"/>'), limits=SketchLimits(max_points=5))
    with pytest.raises(SketchError, match="6 points in one line, at most 5"):
        read_svg(svg('<path d="M1 1L2 2 3 3 4 4 5 5 6 6"/>'), limits=SketchLimits(max_points_per_stroke=5))
    with pytest.raises(SketchError, match="bytes, at most"):
        read_svg(" " * 5_000_001)


@given(st.text(alphabet="MmLlHhVvCcSsQqTtAaZz0123456789.-+e, \n", max_size=40))
def test_any_path_data_yields_a_finite_sketch_or_a_sketch_error(d: str) -> None:
    try:
        sketch = read_svg(svg(f'<path d="{d}"/>'))
    except SketchError:
        return
    assert np.isfinite(sketch.points()).all()


@given(st.text(max_size=60) | st.binary(max_size=60))
def test_any_document_raises_nothing_but_sketch_errors(document: str | bytes) -> None:
    with pytest.raises(SketchError):
        read_svg(document)

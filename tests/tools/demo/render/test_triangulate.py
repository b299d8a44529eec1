"""Any simple polygon is covered once by its triangles."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.demo.render.triangulate import triangulate


def signed_area(corners: list[tuple[float, float]]) -> float:
    turned = [*corners[1:], corners[0]]
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(corners, turned, strict=True)) / 2


@given(st.lists(st.floats(0.2, 2.0), min_size=3, max_size=14), st.integers(0, 2), st.booleans())
def test_a_star_shaped_polygon_is_covered_once(radii: list[float], axis: int, reverse: bool) -> None:
    n = len(radii)
    flat = [(r * math.cos(math.tau * i / n), r * math.sin(math.tau * i / n)) for i, r in enumerate(radii)]
    if reverse:
        flat.reverse()
    space = [[*point[:axis], 0.5, *point[axis:]] for point in flat]
    triangles = triangulate(space)
    assert len(triangles) == n - 2
    covered = [signed_area([flat[corner] for corner in triangle]) for triangle in triangles]
    assert sum(covered) == pytest.approx(signed_area(flat))
    assert sum(map(abs, covered)) == pytest.approx(abs(signed_area(flat)), rel=1e-6, abs=1e-9)


def test_a_line_has_no_triangle() -> None:
    assert triangulate([[0, 0, 0], [1, 0, 0]]) == []

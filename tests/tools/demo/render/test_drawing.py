"""The line drawing of a cube: nine visible edges, no hidden one, in the photo's frame."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tools.demo.render.drawing import CANVAS, MAX_STROKES, draw
from tools.demo.render.geometry import feature_edges
from tools.demo.render.trace import length

Strokes = list[NDArray[np.float64]]


@pytest.fixture(scope="module")
def edges(cube: Any) -> NDArray[np.int64]:
    return feature_edges(cube.points, cube.triangles, np.zeros((12, 3)))


@pytest.fixture(scope="module")
def strokes(cube: Any, edges: NDArray[np.int64]) -> Strokes:
    return draw(cube.points, edges, cube.camera, cube.depth, float(np.sqrt(3)))


def distances(cube: Any, strokes: Strokes, a: int, b: int) -> NDArray[np.float64]:
    """Return the distance in canvas units from points along the cube's edge a, b to the nearest stroke."""
    along = np.linspace(0.1, 0.9, 33)[:, None]
    seen = cube.camera.project(cube.points[a] * (1 - along) + cube.points[b] * along)[:, :2] * CANVAS
    samples = [
        start + (end - start) * np.linspace(0, 1, 200)[:, None]
        for stroke in strokes
        for start, end in pairwise(stroke)
    ]
    apart = np.linalg.norm(seen[:, None] - np.concatenate(samples)[None], axis=-1)
    return np.asarray(apart.min(axis=1))


def is_hidden(cube: Any, a: int, b: int) -> bool:
    farthest = int(cube.camera.project(cube.points)[:, 2].argmax())
    return farthest in (a, b)


def test_a_cube_has_twelve_feature_edges(edges: NDArray[np.int64]) -> None:
    assert len(edges) == 12


def test_every_visible_edge_is_drawn(cube: Any, edges: NDArray[np.int64], strokes: Strokes) -> None:
    visible = [edge for edge in edges.tolist() if not is_hidden(cube, *edge)]
    assert len(visible) == 9
    assert all(distances(cube, strokes, a, b).max() < 1.5 for a, b in visible)


def test_no_hidden_edge_is_drawn(cube: Any, edges: NDArray[np.int64], strokes: Strokes) -> None:
    hidden = [edge for edge in edges.tolist() if is_hidden(cube, *edge)]
    assert len(hidden) == 3
    assert all(np.median(distances(cube, strokes, a, b)) > 5 for a, b in hidden)


def test_the_outline_comes_first_then_inner_lines_each_by_falling_length(cube: Any, strokes: Strokes) -> None:
    solid = np.isfinite(cube.depth)
    scale = CANVAS / len(cube.depth)

    def on_outline(stroke: NDArray[np.float64]) -> bool:
        middle = (stroke[0] + stroke[1]) / 2 / scale
        around = solid[int(middle[1]) - 4 : int(middle[1]) + 5, int(middle[0]) - 4 : int(middle[0]) + 5]
        return not around.all()

    outer = [on_outline(stroke) for stroke in strokes]
    assert outer == sorted(outer, reverse=True)
    assert 0 < sum(outer) < len(outer)
    for wanted in (True, False):
        lengths = [
            length(stroke) for stroke, is_outer in zip(strokes, outer, strict=True) if is_outer == wanted
        ]
        assert lengths == sorted(lengths, reverse=True)


def test_the_drawing_is_simple(strokes: Strokes) -> None:
    assert len(strokes) <= 9
    assert sum(len(stroke) for stroke in strokes) <= 24


def test_the_drawing_matches_the_frame_of_the_photo(cube: Any, strokes: Strokes) -> None:
    everything = np.concatenate(strokes)
    rows, columns = np.nonzero(np.isfinite(cube.depth))
    scale = CANVAS / len(cube.depth)
    assert everything[:, 0].min() == pytest.approx(columns.min() * scale, abs=1)
    assert everything[:, 1].max() == pytest.approx(rows.max() * scale, abs=1)


def test_detail_is_bounded_however_busy_the_piece(cube: Any) -> None:
    # A board with 14 x 14 holes has far more rims than a drawing may have strokes.
    depth = np.full((512, 512), np.inf)
    depth[40:472, 40:472] = 3.0
    for row in range(50, 470, 30):
        for column in range(50, 470, 30):
            depth[row : row + 14, column : column + 14] = np.inf
    strokes = draw(cube.points, np.empty((0, 2), dtype=np.int64), cube.camera, depth, 1.7)
    assert len(strokes) == MAX_STROKES
    assert np.ptp(np.concatenate(strokes[:4]), axis=0).min() > 200

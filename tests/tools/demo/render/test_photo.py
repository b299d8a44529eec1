"""Shadow and finishing, on a cube."""

from typing import Any

import numpy as np

from tools.demo.render.photo import finish_photo
from tools.demo.render.shadow import floor_shadow


def test_the_shadow_is_dark_under_the_piece_and_gone_at_the_edge(cube: Any) -> None:
    light = floor_shadow(cube.points, cube.triangles, cube.camera, 256)
    column, row = (cube.camera.project(np.array([(0.0, 0.0, 0.0)]))[0, :2] * 256).astype(int)
    assert light[row, column] < 0.5
    assert light[2, :].min() > 0.99
    assert light[:, 2].min() > 0.97
    assert light.max() <= 1.0
    assert light.min() > 0.2


def test_a_photo_is_white_beside_the_piece_and_half_its_render_in_size(cube: Any) -> None:
    rgb = np.full((256, 256, 3), 90, np.uint8)
    photo = finish_photo(rgb, cube.depth[::2, ::2], None, 128)
    assert photo.shape == (128, 128, 3)
    assert photo[2, 2].tolist() == [255, 255, 255]
    # Gamma 0.86 lightens.
    assert 90 < photo[64, 64, 0] < 120


def test_a_pale_piece_keeps_an_outline_on_white(cube: Any) -> None:
    rgb = np.full((256, 256, 3), 250, np.uint8)
    photo = finish_photo(rgb, cube.depth[::2, ::2], None, 128).astype(int)
    rim = photo[64][photo[64, :, 0] < 245]
    assert len(rim) >= 2
    assert photo[64, 64, 0] > 245

"""Lines of pixels to strokes."""

import numpy as np
import pytest

from tools.demo.render.trace import chains, join, length, rings, simplify, split, thin


def blank(size: int = 40) -> np.ndarray:
    return np.zeros((size, size), dtype=bool)


def test_a_thick_bar_thins_to_one_line_of_its_length() -> None:
    mask = blank()
    mask[18:23, 5:35] = True
    (run,) = chains(thin(mask))
    assert abs(run[:, 1] - 20.5).max() <= 1
    assert length(run) == pytest.approx(26, abs=4)


def test_a_ring_is_one_closed_run() -> None:
    rows, columns = np.indices((60, 60))
    radius = np.hypot(rows - 30, columns - 30)
    (run,) = chains(thin((radius > 18) & (radius < 22)))
    assert np.abs(run[0] - run[-1]).max() < 1.5
    assert np.abs(np.hypot(*(run - 30.5).T) - 20).max() < 1.5


def test_a_cross_joins_into_its_two_bars() -> None:
    mask = blank(41)
    mask[20, 3:38] = mask[3:38, 20] = True
    joined = [run for run in join(chains(thin(mask)), reach=3.0) if length(run) > 5]
    assert sorted(len(simplify(run, 1.0)) for run in joined) == [2, 2]


def test_runs_that_meet_at_a_corner_stay_apart() -> None:
    runs = [np.array([(0.0, 0), (9, 0)]), np.array([(10.0, 0), (10, 9)])]
    assert len(join(runs, reach=3)) == 2


def test_borders_of_holes_are_rings_too() -> None:
    mask = blank()
    mask[5:35, 5:35] = True
    mask[15:25, 15:25] = False
    found = rings(mask)
    assert len(found) == 2
    assert all((ring[0] == ring[-1]).all() for ring in found)


def test_simplifying_keeps_corners_and_stays_within_tolerance() -> None:
    run = np.concatenate(
        [np.stack((np.arange(20.0), np.zeros(20)), 1), np.stack((np.full(20, 19.0), np.arange(20.0)), 1)]
    )
    assert simplify(run, 0.5).tolist() == [[0, 0], [19, 0], [19, 19]]


def test_a_square_is_cut_at_its_corners_and_a_circle_is_not() -> None:
    square = np.array([(0.0, 0), (50, 0), (50, 50), (0, 50), (0, 0)])
    assert [length(piece) for piece in split(square, angle=55, apart=14)] == [50, 50, 50, 50]
    turn = np.linspace(0, 2 * np.pi, 25)
    circle = 30 * np.stack((np.cos(turn), np.sin(turn)), axis=1)
    assert len(split(circle, angle=55, apart=14)) == 1


def test_no_piece_is_shorter_than_the_minimum() -> None:
    comb = np.array([(0.0, 0), (30, 0), (30, 5), (35, 5), (35, 0), (70, 0)])
    assert min(length(piece) for piece in split(comb, angle=55, apart=14)) >= 14

"""The nearest photos of a sketch, against hand-computed results and the definition."""

import numpy as np
import pytest

from annotation.sampling.candidates import UNKNOWN, Descriptors, Weights, distances, nearest


def described(rng: np.random.Generator, n: int) -> Descriptors:
    attributes = rng.integers(0, 2, (n, 6)).astype(np.float32)
    return Descriptors(attributes, rng.standard_normal((n, 8)).astype(np.float32))


def test_distance_is_euclidean_over_both_parts() -> None:
    rng = np.random.default_rng(0)
    sketches, photos = described(rng, 3), described(rng, 5)
    both = distances(sketches, photos, Weights())
    whole = [np.concatenate([part.attributes, part.feature], axis=1) for part in (sketches, photos)]
    for q in range(3):
        for g in range(5):
            assert both[q, g] == pytest.approx(np.linalg.norm(whole[0][q] - whole[1][g]), abs=1e-6)


def test_weights_select_the_parts_of_the_distance() -> None:
    sketch = Descriptors(np.array([[1.0, 1.0]], np.float32), np.array([[0.0]], np.float32))
    photos = Descriptors(np.array([[1.0, 1.0], [0.0, 0.0]], np.float32), np.array([[9.0], [0.0]], np.float32))
    assert nearest(distances(sketch, photos, Weights(1, 0))).tolist() == [[0, 1]]
    assert nearest(distances(sketch, photos, Weights(0, 1))).tolist() == [[1, 0]]


@pytest.mark.parametrize("weights", [(0, 0), (-1, 2)])
def test_invalid_weights_are_refused(weights: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="weights"):
        Weights(*weights)


def test_an_unknown_attribute_does_not_change_the_order() -> None:
    sketch = Descriptors(np.full((1, 3), UNKNOWN, np.float32), np.zeros((1, 1), np.float32))
    photos = Descriptors(
        np.array([[0, 0, 0], [1, 1, 1], [1, 0, 1]], np.float32), np.zeros((3, 1), np.float32)
    )
    (row,) = distances(sketch, photos, Weights())
    assert np.ptp(row) < 1e-6


def test_ten_nearest_in_order_and_ties_by_lower_row() -> None:
    distance = np.array([[3.0, 1, 1, 5, 2, 9, 8, 7, 6, 4, 10, 11]])
    assert nearest(distance).tolist() == [[1, 2, 4, 0, 9, 3, 8, 7, 6, 5]]
    assert nearest(distance, n=3).tolist() == [[1, 2, 4]]
    assert nearest(distance[:, :2]).tolist() == [[1, 0]]


def test_a_missing_true_match_is_forced_into_last_place() -> None:
    distance = np.tile([1.0, 2, 3, 4, 5], (3, 1))
    forced = nearest(distance, n=3, true_photo=np.array([4, 1, -1]))
    assert forced.tolist() == [[0, 1, 4], [0, 1, 2], [0, 1, 2]]

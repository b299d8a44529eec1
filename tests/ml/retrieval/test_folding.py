from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ml.retrieval.folding import fold


def at(*degrees: float) -> NDArray[np.float32]:
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32).astype(np.float32)


def test_a_near_duplicate_folds_into_the_better_item() -> None:
    assert fold(at(0, 40, 1, 41, 90)).tolist() == [0, 1, 0, 1, 4]


def test_chains_of_small_steps_do_not_collapse() -> None:
    """Neighbours are 5 degrees apart (cosine 0.9962); the ends are not similar."""
    assert fold(at(0, 5, 10, 15)).tolist() == [0, 0, 2, 2]


def test_an_item_similar_to_two_leaders_folds_into_the_better() -> None:
    assert fold(at(0, 8, 4)).tolist() == [0, 1, 0]


def test_slightly_less_similar_items_fold_if_their_photos_agree() -> None:
    """10 degrees apart (cosine 0.985): the photo hashes decide, at most 4 of 64 differing bits."""
    pair = at(0, 10)
    assert fold(pair).tolist() == [0, 1]
    assert fold(pair, np.array([0, 0b1111])).tolist() == [0, 0]
    assert fold(pair, np.array([0, 0b11111])).tolist() == [0, 1]
    assert fold(pair, np.array([0, -(2**63)])).tolist() == [0, 0]
    assert fold(pair, np.array([0, -1])).tolist() == [0, 1]
    assert fold(at(0, 20), np.array([0, 0])).tolist() == [0, 1], "not similar enough"


def test_nothing_to_fold() -> None:
    assert fold(np.empty((0, 4), np.float32)).tolist() == []
    assert fold(at(0, 30, 60)).tolist() == [0, 1, 2]

"""Every cross-modal method on generated pairs: retrieval across modalities, code lengths, seeds, few pairs."""

from __future__ import annotations

import numpy as np
import pytest

from ml.baselines.cross_modal.methods import EMBEDDERS, HASHERS
from ml.baselines.cross_modal.views import TwoViews
from ml.metrics.ranking import average_precision
from ml.retrieval.packing import hamming, pack
from tests.support.two_views import two_views

Floats = np.ndarray


def hash_distances(name: str, views: TwoViews, n_bits: int, test: TwoViews, seed: int = 0) -> Floats:
    encoders = HASHERS[name](views, n_bits, seed)
    queries, gallery = pack(encoders.sketch(test.sketches)), pack(encoders.photo(test.photos))
    return np.stack([hamming(gallery, query) for query in queries]).astype(float)


def mean_average_precision(distances: Floats, test: TwoViews) -> float:
    relevant = test.sketch_labels[:, None] == test.photo_labels
    return float(average_precision(distances, relevant).mean())


@pytest.mark.parametrize("name", HASHERS)
def test_codes_of_sketches_find_photos_of_their_category(name: str) -> None:
    distances = hash_distances(name, two_views(240, 0), 16, two_views(120, 1))
    assert mean_average_precision(distances, two_views(120, 1)) > 0.4  # chance is 1/6


@pytest.mark.parametrize("name", EMBEDDERS)
def test_learned_distances_find_photos_of_their_category(name: str) -> None:
    test = two_views(120, 1)
    distances = EMBEDDERS[name](two_views(240, 0), 8, 0)(test.sketches, test.photos)
    assert distances.shape == (120, 60)
    assert distances.dtype == np.float32
    assert mean_average_precision(distances, test) > 0.4


@pytest.mark.parametrize("name", HASHERS)
def test_codes_have_their_length_and_depend_only_on_the_seed(name: str) -> None:
    views = two_views(120, 0)
    logits = [HASHERS[name](views, 24, 5).photo(views.photos) for _ in range(2)]
    assert logits[0].shape == (len(views.photos), 24)
    assert logits[0].dtype == np.float32
    assert np.array_equal(logits[0], logits[1])


@pytest.mark.parametrize("name", HASHERS)
def test_more_bits_than_features_and_a_category_for_each_photo(name: str) -> None:
    views = two_views(30, 0, dim=6)
    single = TwoViews(
        views.sketches[::2], views.photos, np.arange(15), np.arange(15), views.drawn_from[::2], ridge=0.1
    )
    encoders = HASHERS[name](single, 32, 0)
    for logits in (encoders.sketch(views.sketches), encoders.photo(views.photos)):
        assert logits.shape[1] == 32
        assert np.isfinite(logits).all()


@pytest.mark.parametrize("name", EMBEDDERS)
def test_more_dimensions_than_features(name: str) -> None:
    views = two_views(30, 0, dim=6)
    distances = EMBEDDERS[name](views, 32, 0)(views.sketches, views.photos)
    assert np.isfinite(distances).all()

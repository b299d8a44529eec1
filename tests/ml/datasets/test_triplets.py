"""Triplet sources: equal seeds give equal batches; negatives are of their kind."""

from pathlib import Path

import numpy as np
import pytest

from ml.datasets.formats import open_dataset
from ml.datasets.pairs import PairDataset
from ml.datasets.triplets import AnnotatedTriplets, Features, MixedTriplets, SampledTriplets, mixed
from ml.errors import ConfigError, DatasetError


def features_of(dataset: PairDataset, seed: int = 0) -> Features:
    rng = np.random.default_rng(seed)
    return Features(rng.normal(size=(len(dataset.sketches), 4)), rng.normal(size=(len(dataset.photos), 4)))


def generator(seed: int = 3) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_annotated(qmul_v1: Path) -> None:
    dataset = open_dataset("qmul-v1", qmul_v1)
    source = AnnotatedTriplets(dataset, "train")
    batch = source.batch(generator(), 500)
    assert batch.shape == (500, 3)
    assert batch.dtype == np.int32
    votes = set(map(tuple, dataset.triplets["train"].tolist()))
    assert set(map(tuple, batch.tolist())) == votes  # 500 draws include every one
    merged = AnnotatedTriplets(dataset, "train", merged=True).triplets
    assert np.array_equal(merged[:, 1], dataset.true_photos[merged[:, 0]])


def test_true_pairs_against_any_other_photo(qmul_v1: Path) -> None:
    dataset = open_dataset("qmul-v1", qmul_v1)
    batch = SampledTriplets(dataset, "train").batch(generator(), 300)
    assert np.array_equal(batch[:, 1], dataset.true_photos[batch[:, 0]])
    assert (batch[:, 1] != batch[:, 2]).all()
    assert set(batch[:, 2]) <= set(dataset.photo_rows("train"))
    assert len(set(batch[:, 2])) > 5


def test_easy_negatives_come_from_other_categories(sketchy: Path) -> None:
    dataset = open_dataset("sketchy", sketchy)
    for sketch, positive, negative in SampledTriplets(dataset, "train").batch(generator(), 200):
        category = dataset.sketches[sketch].category
        assert dataset.photos[positive].category == category != dataset.photos[negative].category


@pytest.mark.parametrize("kind", [0, 1, 2])
def test_sampled_negatives_by_kind(sketchy: Path, kind: int) -> None:
    dataset = open_dataset("sketchy", sketchy)
    features = features_of(dataset)
    ratio = tuple(float(i == kind) for i in range(3))
    source = SampledTriplets(dataset, "train", features=features, ratio=ratio)  # type: ignore[arg-type]
    rows = dataset.photo_rows("train")
    for sketch, positive, negative in source.batch(generator(), 200):
        category = dataset.sketches[sketch].category
        distance = {row: ((features.sketch[sketch] - features.photo[row]) ** 2).sum() for row in rows}
        inside = sorted((r for r in rows if dataset.photos[r].category == category), key=distance.__getitem__)
        outside = [row for row in rows if dataset.photos[row].category != category]
        assert positive == inside[0]  # a fifth of seven photos
        if kind == 0:
            assert negative in outside
        elif kind == 1:
            nearer = [row for row in outside if distance[row] < distance[positive]]
            assert negative in (nearer or [min(outside, key=distance.__getitem__)])
        else:
            assert negative == inside[-1]


def test_kinds_are_drawn_three_to_one_to_one(sketchy: Path) -> None:
    dataset = open_dataset("sketchy", sketchy)
    batch = SampledTriplets(dataset, "train", features=features_of(dataset)).batch(generator(), 2000)
    inside = [dataset.sketches[s].category == dataset.photos[n].category for s, _, n in batch]
    assert np.mean(inside) == pytest.approx(0.2, abs=0.03)


def test_equal_seeds_give_equal_batches(sketchy: Path, qmul_v1: Path) -> None:
    many, one = open_dataset("sketchy", sketchy), open_dataset("qmul-v1", qmul_v1)
    for source in (SampledTriplets(many, "train", features=features_of(many)), mixed(one, "train", "val")):
        assert np.array_equal(source.batch(generator(), 64), source.batch(generator(), 64))
        assert not np.array_equal(source.batch(generator(), 64), source.batch(generator(4), 64))


class Constant:
    def __init__(self, value: int) -> None:
        self.value = value

    def batch(self, rng: np.random.Generator, size: int) -> np.ndarray:
        return np.full((size, 3), self.value, np.int32)


@pytest.mark.parametrize(("size", "counts"), [(128, [96, 32]), (10, [8, 2]), (1, [1, 0])])
def test_mixed_source_follows_its_shares(size: int, counts: list[int]) -> None:
    batch = MixedTriplets(((0.75, Constant(0)), (0.25, Constant(1)))).batch(generator(), size)
    assert np.bincount(batch[:, 0], minlength=2).tolist() == counts


def test_refused(sketchy: Path, snapshot: Path) -> None:
    dataset = open_dataset("sketchy", sketchy)
    with pytest.raises(ConfigError, match="hard negatives need features"):
        SampledTriplets(dataset, "train", ratio=(3, 1, 1))
    with pytest.raises(ConfigError, match="not all 0"):
        SampledTriplets(dataset, "train", ratio=(0, 0, 0))
    with pytest.raises(DatasetError, match="expected judgements in train, found none"):
        AnnotatedTriplets(dataset, "train")
    with pytest.raises(DatasetError, match="expected sketches with photos in test, found none"):
        SampledTriplets(open_dataset("snapshot", snapshot), "test")  # a single product has no negative

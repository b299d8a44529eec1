"""The released datasets, read from their zips: known counts, and the known accuracy of plain HOG."""

import os
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from skimage.feature import hog

from ml.datasets.check import check_pairs
from ml.datasets.formats import open_dataset
from ml.datasets.pairs import PairDataset

pytestmark = pytest.mark.real_data


def pack(name: str) -> Path:
    return Path(os.environ["SKETCHFIND_DATA"]) / name


@pytest.mark.parametrize(
    ("category", "n_train", "n_test", "votes", "judged", "true_first"),
    [("shoes", 304, 115, 41_040, 5_175, (1010, 1035)), ("chairs", 200, 97, 27_000, 4_365, (873, 873))],
)
def test_qmul_v1(
    category: str, n_train: int, n_test: int, votes: int, judged: int, true_first: tuple[int, int]
) -> None:
    dataset = open_dataset("qmul-v1", pack("qmul-v1.zip/qmul-v1") / category)
    assert len(dataset.photo_rows("train", "val")) == len(dataset.sketch_rows("train", "val")) == n_train
    assert len(dataset.photo_rows("test")) == len(dataset.sketch_rows("test")) == n_test
    assert len(dataset.photo_rows("val")) == pytest.approx(0.2 * n_train, abs=6)
    assert len(dataset.triplets_among("train", "val")) == votes
    test = dataset.triplets["test"]
    assert len(test) == judged
    holds_true = test[:, 1:] == dataset.true_photos[test[:, 0]][:, None]
    assert (holds_true[:, 0].sum(), holds_true.any(axis=1).sum()) == true_first


@pytest.mark.parametrize(
    ("category", "at_1", "at_10", "correct"), [("shoes", 32.2, 80.0, 68.1), ("chairs", 64.9, 91.8, 69.0)]
)
def test_hog_reaches_its_known_accuracy(category: str, at_1: float, at_10: float, correct: float) -> None:
    """HOG with cells of 32 pixels, cosine similarity, sketches against released edge maps.

    Variants of HOG differ by a few queries; wrong decoding, order or orientation changes dozens.
    """
    dataset = open_dataset("qmul-v1", pack("qmul-v1.zip/qmul-v1") / category)
    queries, gallery = dataset.sketch_rows("test"), dataset.photo_rows("test")
    similarity = (
        described([dataset.sketch(row) for row in queries])
        @ described([dataset.edge(row) for row in gallery]).T
    )
    place = {int(row): column for column, row in enumerate(gallery)}
    true = similarity[np.arange(len(queries)), [place[row] for row in dataset.true_photos[queries]]]
    rank = 1 + (similarity > true[:, None]).sum(axis=1)
    assert 100 * (rank == 1).mean() == pytest.approx(at_1, abs=5)
    assert 100 * (rank <= 10).mean() == pytest.approx(at_10, abs=5)
    first = int(queries[0])
    triplets = dataset.triplets["test"] - [first, int(gallery[0]), int(gallery[0])]
    nearer, farther = (similarity[triplets[:, 0], triplets[:, column]] for column in (1, 2))
    assert 100 * (nearer > farther).mean() == pytest.approx(correct, abs=1.5)


def described(images: list[NDArray[np.uint8]]) -> NDArray[np.float64]:
    vectors = np.stack([hog(image, 9, (32, 32), (1, 1), block_norm="L2") for image in images])
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def test_chair_v2() -> None:
    dataset = open_dataset("qmul-v2", pack("qmul-chairv2-train.zip"))
    assert (len(dataset.photos), len(dataset.sketches)) == (300, 952)
    assert len(dataset.photo_rows("val")) == pytest.approx(60, abs=6)
    per_photo = np.bincount(dataset.true_photos)
    assert (per_photo.min(), per_photo.max()) == (3, 9)


def test_sketchy() -> None:
    dataset = open_dataset("sketchy", pack("sketchy-125-subset.zip"))
    assert (len(dataset.categories), len(dataset.photos), len(dataset.sketches)) == (125, 3125, 2345)
    assert [len(dataset.photo_rows(split)) for split in ("test", "train", "val")] == shares(dataset, 25)


def shares(dataset: PairDataset, photos: int) -> list[int]:
    """Number of photos in test, train and validation of each category."""
    test, val = round(0.2 * photos), round(0.1 * photos)
    return [len(dataset.categories) * n for n in (test, photos - test - val, val)]


def test_chair_v1_has_one_photo_in_both_splits() -> None:
    """Photo 13 of train and photo 263 of test are identical in the release, pixel for pixel."""
    result = check_pairs("qmul-v1", pack("qmul-v1.zip/qmul-v1/chairs"))
    assert result["leaks"] == ["photo: 13 (train) = 263 (test)"]
    assert result["n_broken"] == 0


def test_unseen_categories_of_sketchy() -> None:
    dataset = open_dataset("sketchy-zero-shot", pack("sketchy-125-subset.zip"))
    assert len(dataset.unseen) == 25
    assert len(dataset.photo_rows("test")) == 25 * 25
    assert {dataset.photos[row].category for row in dataset.photo_rows("test")} == set(dataset.unseen)

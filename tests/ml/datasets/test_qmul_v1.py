"""The layout of Shoe-V1: pairs, votes, official split, optional parts, errors."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ml.datasets.formats import open_dataset
from ml.datasets.pairs import PairDataset, majority
from ml.errors import ConfigError, DatasetError


def opened(root: Path, val: float | None = None) -> PairDataset:
    return open_dataset("qmul-v1", root, val=val)


def test_pairs_and_official_split(qmul_v1: Path) -> None:
    dataset = opened(qmul_v1)
    assert dataset.categories == ("hats",)
    assert [row.key for row in dataset.photos] == [str(n) for n in range(1, 25)]
    assert all(dataset.photos[row.photo].key == row.key for row in dataset.sketches)
    assert all(dataset.photos[row.photo].split == row.split for row in dataset.sketches)
    assert [row.key for row in dataset.photos if row.split == "test"] == ["21", "22", "23", "24"]
    assert len(dataset.photo_rows("train")) + len(dataset.photo_rows("val")) == 20
    assert 0 < len(dataset.photo_rows("val")) < 10
    assert len(dataset.sketch_rows()) == 24


def test_images_are_read_as_released(qmul_v1: Path) -> None:
    dataset = opened(qmul_v1)
    photo, edge, sketch = dataset.photo(0), dataset.edge(0), dataset.sketch(0)
    assert (photo.shape, edge.shape, sketch.shape) == ((64, 64, 3), (64, 64), (64, 64))
    assert np.array_equal(np.roll(edge, 3, axis=1), sketch)
    assert dataset.strokes(0) is None


def test_the_validation_share_does_not_move_other_rows(qmul_v1: Path) -> None:
    none, some = opened(qmul_v1, val=0.0), opened(qmul_v1, val=0.4)
    assert len(none.photo_rows("val")) == 0 < len(some.photo_rows("val"))
    assert [row.file for row in none.sketches] == [row.file for row in some.sketches]
    assert np.array_equal(none.votes, some.votes)
    with pytest.raises(ConfigError, match="val"):
        opened(qmul_v1, val=1.0)


def test_votes_by_split(qmul_v1: Path) -> None:
    dataset = opened(qmul_v1)
    assert len(dataset.votes) == 20 * 6 + 4 * 2
    assert len(dataset.triplets_among("train", "val")) == 20 * 6
    train = dataset.triplets["train"]
    assert 0 < len(train) < 20 * 6
    assert set(train[:, 0]) <= set(dataset.sketch_rows("train"))
    assert set(train[:, 1:].ravel()) <= set(dataset.photo_rows("train"))
    for split in ("val", "test"):  # two of three voters judged the true photo nearer
        triplets = dataset.triplets[split]
        assert len(triplets) == 2 * len(dataset.sketch_rows(split))
        assert np.array_equal(triplets[:, 1], dataset.true_photos[triplets[:, 0]])


def test_majority_drops_ties() -> None:
    votes = np.array([[0, 5, 2], [0, 2, 5], [0, 5, 2], [0, 1, 3], [0, 3, 1], [1, 2, 5]], np.int32)
    assert majority(votes).tolist() == [[0, 5, 2], [1, 2, 5]]
    assert majority(votes[:0]).shape == (0, 3)


def test_zip_and_folder_have_the_same_content(qmul_v1: Path, zipped: Callable[[Path], Path]) -> None:
    folder, pack = opened(qmul_v1), opened(zipped(qmul_v1) / "hats")
    assert folder.sha256 == pack.sha256
    assert folder.photos == pack.photos
    assert folder.sketches == pack.sketches
    assert np.array_equal(folder.photo(3), pack.photo(3))
    (qmul_v1 / "test" / "sketches" / "21.png").write_bytes(
        (qmul_v1 / "test" / "sketches" / "22.png").read_bytes()
    )
    assert opened(qmul_v1).sha256 != folder.sha256


def test_without_photos_the_edge_maps_are_used(qmul_v1: Path) -> None:
    for split in ("train", "test"):
        shutil.rmtree(qmul_v1 / split / "images")
    shutil.rmtree(qmul_v1 / "annotation")
    dataset = opened(qmul_v1)
    assert np.array_equal(dataset.photo(0), np.repeat(dataset.edge(0)[:, :, None], 3, axis=2))
    assert len(dataset.sketches) == 24
    assert all(triplets.shape == (0, 3) for triplets in dataset.triplets.values())


def test_without_edge_maps_our_own_are_computed(qmul_v1: Path) -> None:
    for split in ("train", "test"):
        shutil.rmtree(qmul_v1 / split / "edges")
    edge = opened(qmul_v1).edge(0)
    assert edge.shape == (64, 64)
    assert edge.min() < 100
    assert edge.max() == 255


def test_bad_folders_are_refused_in_one_line(qmul_v1: Path) -> None:
    with pytest.raises(DatasetError, match=r"one category's folder .*, found edges/, images/, sketches/ in "):
        opened(qmul_v1 / "train")
    with pytest.raises(ConfigError, match="one of qmul-v1, qmul-v2"):
        open_dataset("qmul-v3", qmul_v1)
    path = qmul_v1 / "annotation" / "hats_annotation.json"
    annotation = json.loads(path.read_text())
    annotation["test"]["triplets"][0] = [[0, 99]]
    path.write_text(json.dumps(annotation))
    with pytest.raises(DatasetError, match=r"annotation/hats_annotation\.json: expected"):
        opened(qmul_v1)
    (qmul_v1 / "train" / "images" / "7.jpg").unlink()
    with pytest.raises(DatasetError, match=r"train/sketches/7\.png: expected a photo"):
        opened(qmul_v1)

"""Shoe-V2 and Chair-V2 in the layouts in which they are passed on."""

from __future__ import annotations

import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ml.datasets.check import check_pairs
from ml.datasets.formats import open_dataset
from ml.datasets.summary import summary
from ml.errors import DatasetError
from tests.support.layouts import outline, product, write

N_TRAIN, N_TEST = 10, 4
SVG = '<svg viewBox="0 0 256 256"><path d="M{0} 20L100 {0}"/><path d="M5 5L9 9"/></svg>'


def key(number: int) -> str:
    return str(1031000079 + number)


def official(number: int) -> str:
    return "train" if number < N_TRAIN else "test"


def rows(number: int, n: int) -> Any:
    """Two strokes, of three and two points."""
    points = np.random.default_rng([number, n]).integers(0, 256, (5, 2))
    return np.column_stack([points, [0, 0, 1, 0, 1]]).astype(np.int64)


def coordinates() -> dict[str, Any]:
    return {
        f"{official(number)}/{key(number)}_{n}": rows(number, n)
        for number in range(N_TRAIN + N_TEST)
        for n in (1, 2)
    }


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    root = tmp_path / "ShoeV2"
    for number in range(N_TRAIN + N_TEST):
        write(root / "photo" / f"{key(number)}.png", product(number))
    return root


@pytest.fixture
def pickled(photos: Path) -> Path:
    (photos / "ShoeV2_Coordinate").write_bytes(pickle.dumps(coordinates(), protocol=4))
    return photos


@pytest.fixture
def released(tmp_path: Path) -> Path:
    root = tmp_path / "ChairV2_F"
    lists: dict[str, list[str]] = {}
    (root / "ChairV2_sketch").mkdir(parents=True)
    for number in range(N_TRAIN + N_TEST):
        write(root / "ChairV2_photo" / f"{key(number)}.png", product(number))
        lists.setdefault(f"photo_{official(number)}", []).append(f"{key(number)}.png")
        for n in (1, 2):
            (root / "ChairV2_sketch" / f"{key(number)}_{n}.svg").write_text(SVG.format(3 * number + n))
            lists.setdefault(f"sketch_{official(number)}", []).append(f"{key(number)}_{n}.svg")
    for name, lines in lists.items():
        (root / f"{name}.txt").write_text("\n".join(lines) + "\n")
    return root


def test_strokes_in_a_pickle(pickled: Path, zipped: Callable[[Path], Path]) -> None:
    dataset = open_dataset("qmul-v2", pickled)
    assert dataset.categories == ("shoe",)
    assert len(dataset.photo_rows("test")) == N_TEST
    assert len(dataset.sketch_rows("test")) == 2 * N_TEST
    assert len(dataset.photo_rows("train", "val")) == N_TRAIN
    for row, sketch in enumerate(dataset.sketches):
        photo, n = sketch.key.split("_")
        assert dataset.photos[sketch.photo].key == photo
        strokes = dataset.strokes(row)
        assert strokes is not None
        assert strokes.lengths.tolist() == [3, 2]
        assert np.array_equal(strokes.points()[:, :2], rows(int(photo) - 1031000079, int(n))[:, :2])
    assert dataset.sketch(0).shape == (256, 256)
    assert check_pairs("qmul-v2", pickled)["ok"]
    assert open_dataset("qmul-v2", zipped(pickled)).sha256 == dataset.sha256
    assert summary("qmul-v2", pickled)["strokes"]


def test_the_released_folders_with_lists(released: Path) -> None:
    dataset = open_dataset("qmul-v2", released)
    assert dataset.categories == ("chair",)
    assert len(dataset.sketch_rows("test")) == 2 * N_TEST
    strokes = dataset.strokes(0)
    assert strokes is not None
    assert strokes.lengths.tolist() == [2, 2]
    assert check_pairs("qmul-v2", released)["ok"]
    (released / "sketch_test.txt").write_text(f"{key(N_TRAIN)}_9.svg\n")
    with pytest.raises(DatasetError, match=r"^sketch_test\.txt:1: the sketch '1031000089_9' is missing"):
        open_dataset("qmul-v2", released)


def test_pictures_in_folders_a_and_b(tmp_path: Path) -> None:
    root = tmp_path / "shoes-v2"
    for number in range(N_TRAIN + N_TEST):
        write(root / f"{official(number)}B" / f"{key(number)}.png", product(number))
        for n in (1, 2):
            write(root / f"{official(number)}A" / f"{key(number)}_{n}.png", outline(100 * n + number))
    dataset = open_dataset("qmul-v2", root)
    assert dataset.categories == ("shoe",)
    assert len(dataset.photo_rows("test")) == N_TEST
    assert np.array_equal(dataset.sketch(0), outline(100))
    shutil.rmtree(root / "testB")
    with pytest.raises(DatasetError, match=r"testA/1031000089_1\.png: its photo '1031000089' is missing"):
        open_dataset("qmul-v2", root)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"valid/1_1": rows(0, 1)}, r"ShoeV2_Coordinate\['valid/1_1'\]: expected train/<photo>_<n> or test/"),
        ({"train/77_1": rows(0, 1)}, "77_1: its photo '77' is missing"),
        (
            {"train/1031000079_1": [[1, 2], [3, 4]]},
            r"\['train/1031000079_1'\]: expected rows \(x, y, lifted\)",
        ),
        ([1, 2], "ShoeV2_Coordinate: expected a dictionary"),
        (
            {"train/1031000079_1": rows(0, 1), "test/1031000079_2": rows(0, 2)},
            "1031000079_2: is in test, its photo in train",
        ),
    ],
)
def test_a_pickle_with_other_content_is_refused(photos: Path, content: object, message: str) -> None:
    (photos / "ShoeV2_Coordinate").write_bytes(pickle.dumps(content))
    with pytest.raises(DatasetError, match=message):
        open_dataset("qmul-v2", photos)


class Bomb:
    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (Path("exploded"),)


def test_code_in_a_pickle_is_not_run(photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(photos)
    (photos / "ShoeV2_Coordinate").write_bytes(pickle.dumps({"train/1031000079_1": Bomb()}))
    with pytest.raises(
        DatasetError, match=r"ShoeV2_Coordinate: not a pickle of arrays .* names pathlib.*Path"
    ):
        open_dataset("qmul-v2", photos)
    assert not (photos / "exploded").exists()


def test_a_photo_folder_alone_gets_the_expected_tree(photos: Path) -> None:
    with pytest.raises(DatasetError) as error:
        open_dataset("qmul-v2", photos)
    for expected in (
        "ShoeV2_Coordinate",
        "trainA/<photo>_<n>.png",
        "sketches.ndjson",
        "found 1031000079.png",
    ):
        assert expected in error.value.message

"""Sketchy as released, with its extension, and without some categories, on miniatures of the published folders."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ml.cli import main
from ml.datasets.check import check_pairs
from ml.datasets.formats import open_dataset
from ml.datasets.frames import cache_folder
from ml.datasets.pairs import PairDataset, PhotoRow, SketchRow
from ml.datasets.unseen import unseen_categories
from ml.errors import ConfigError, DatasetError
from ml.protocols.hashing import Floats, measure_hashing
from ml.protocols.scorer import Rows
from ml.protocols.selection import Kind
from tests.support.layouts import outline, product, write

CATEGORIES = ("airplane", "cat", "door", "hot-air_balloon", "window")
PLAIN = "tx_000000000000"


@pytest.fixture
def released(tmp_path: Path) -> Path:
    """Five categories of ten photos with two sketches each, in two renderings, and the published list of test photos."""
    root = tmp_path / "Sketchy"
    for place, category in enumerate(CATEGORIES):
        for number in range(10):
            name, seed = f"n0{place}_{number}", 100 * place + number
            for rendering in (PLAIN, "tx_000100000000"):
                size = 64 if rendering == PLAIN else 32
                write(root / "256x256/photo" / rendering / category / f"{name}.jpg", product(seed, size))
                for n in (1, 2):
                    path = root / "256x256/sketch" / rendering / category / f"{name}-{n}.png"
                    write(path, outline(1000 * n + seed, size))
    (root / "info").mkdir()
    lines = [f"{category}/n0{place}_3.jpg" for place, category in enumerate(CATEGORIES)]
    (root / "info" / "testset.txt").write_text("\n".join(lines) + "\n")
    return root


@pytest.fixture
def extended(released: Path) -> Path:
    """The extension: twelve photos of each category, two of which were sketched, in another spelling of a category."""
    for place, category in enumerate(CATEGORIES):
        folder = released / "EXTEND_image_sketchy" / category.replace("-", "_")
        for number in range(10):
            write(folder / f"ext_{number}.jpg", product(5000 + 100 * place + number))
        for number in range(2):
            write(folder / f"n0{place}_{number}.jpg", product(100 * place + number))
    return released


def counts(dataset: PairDataset) -> dict[str, tuple[int, int]]:
    return {
        split: (len(dataset.photo_rows(split)), len(dataset.sketch_rows(split)))
        for split in ("train", "val", "test")
    }


def test_the_published_test_photos_are_the_test_split(released: Path) -> None:
    dataset = open_dataset("sketchy", released)
    assert dataset.categories == CATEGORIES
    assert counts(dataset) == {"train": (40, 80), "val": (5, 10), "test": (5, 10)}
    tested = {row.key for row in dataset.photos if row.split == "test"}
    assert tested == {f"{category}/n0{place}_3" for place, category in enumerate(CATEGORIES)}
    assert dataset.photo(0).shape == (64, 64, 3)  # of the rendering without augmentation
    for row in dataset.sketches:
        assert row.key.rpartition("-")[0] == dataset.photos[row.photo].key
        assert row.split == dataset.photos[row.photo].split
    assert check_pairs("sketchy", released)["ok"]


def test_all_renderings_of_the_release_and_its_zip_are_read_alike(
    released: Path, zipped: Callable[[Path], Path]
) -> None:
    dataset = open_dataset("sketchy", released)
    packed = open_dataset("sketchy", zipped(released))
    assert packed.photos == dataset.photos
    assert packed.sha256 == dataset.sha256
    inside = open_dataset("sketchy", released / "256x256")  # without the list, the split is ours
    assert counts(inside) == {"train": (35, 70), "val": (5, 10), "test": (10, 20)}


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("airplane/n00_3.jpg\nairplane\n", r"^info/testset\.txt:2: expected <category>/<photo>\.jpg"),
        ("zebra/n1_1.jpg\n", r"^info/testset\.txt: none of its 1 photos is in 256x256/photo/tx_0"),
    ],
)
def test_a_broken_list_is_refused(released: Path, lines: str, message: str) -> None:
    (released / "info" / "testset.txt").write_text(lines)
    with pytest.raises(DatasetError, match=message):
        open_dataset("sketchy", released)


def test_a_wrong_folder_gets_both_trees(tmp_path: Path) -> None:
    write(tmp_path / "images" / "cat" / "1.png", outline(1))
    with pytest.raises(DatasetError) as error:
        open_dataset("sketchy", tmp_path)
    assert "photo/tx_000000000000/<category>/<photo>.jpg" in error.value.message
    assert f"found 1.png in {tmp_path}/images/cat" in error.value.message


def test_a_folder_without_sketches_shows_what_is_in_it(released: Path) -> None:
    (released / "256x256" / "sketch").rename(released / "256x256" / "drawings")
    with pytest.raises(DatasetError) as error:
        open_dataset("sketchy", released)
    assert f"found 256x256/, info/ in {released}" in error.value.message
    assert "256x256/: drawings/, photo/" in error.value.message


def test_extended_photos_are_a_gallery_for_held_out_sketches(extended: Path) -> None:
    dataset = open_dataset("sketchy-extended", extended)
    assert dataset.categories == CATEGORIES
    assert counts(dataset) == {
        "train": (90, 70),
        "val": (10, 10),
        "test": (0, 20),
    }  # 20 photos of each, read once
    assert (dataset.true_photos == -1).all()
    for category in CATEGORIES:
        assert sum(row.category == category and row.split == "test" for row in dataset.sketches) == 4


class ByCategory:
    """Hash codes of a byte that only say the category."""

    def logits(self, dataset: PairDataset, kind: Kind, rows: Rows) -> Floats:
        described = dataset.sketches if kind == "sketch" else dataset.photos
        numbers = [dataset.categories.index(described[row].category) for row in rows]
        return np.where(np.eye(8)[numbers] > 0, 1.0, -1.0).astype(np.float32)


def test_hashers_are_measured_on_the_whole_gallery_or_on_unseen_categories(extended: Path) -> None:
    dataset = open_dataset("sketchy-extended", extended)
    measured = measure_hashing(ByCategory(), dataset, gallery="all").metrics
    assert (measured["n_queries"], measured["n_gallery"], measured["mAP"]["value"]) == (20, 100, 1.0)
    with pytest.raises(DatasetError, match=r"all photos are its gallery: --gallery all"):
        measure_hashing(ByCategory(), dataset)
    measured = measure_hashing(ByCategory(), open_dataset("sketchy-zero-shot", extended)).metrics
    assert (measured["n_queries"], measured["n_gallery"]) == (20, 20)


def test_fifty_sketches_of_a_large_category_are_queries(released: Path) -> None:
    for number in range(280):
        write(released / "256x256/sketch" / PLAIN / "cat" / f"n01_0-{number + 3}.png", outline(number, 16))
    write(released / "256x256" / "extended_photo" / "cat" / "ext_1.jpg", product(1))
    dataset = open_dataset("sketchy-extended", released)
    cats = [row.split for row in dataset.sketches if row.category == "cat"]
    assert [cats.count(split) for split in ("train", "val", "test")] == [225, 25, 50]


def test_the_extension_is_required_and_its_place_shown(released: Path) -> None:
    with pytest.raises(DatasetError, match=r"(?s)EXTEND_image_sketchy/<category>.*found 256x256/, info/ in"):
        open_dataset("sketchy-extended", released)


def test_unseen_categories_are_only_tested_on(extended: Path, tmp_path: Path) -> None:
    dataset = open_dataset("sketchy-zero-shot", extended)
    unseen = {row.category for row in dataset.sketches if row.split == "test"}
    assert unseen == unseen_categories(CATEGORIES, 0.8)
    assert len(unseen) == 1
    assert {split: photos for split, (photos, _) in counts(dataset).items()} == {
        "train": 72,
        "val": 8,
        "test": 20,
    }
    assert counts(dataset)["test"] == (20, 20)
    rows: list[PhotoRow | SketchRow] = [*dataset.photos, *dataset.sketches]
    for row in rows:
        assert (row.split == "test") == (row.category in unseen)

    listed = tmp_path / "cname_cid_zero.txt"
    listed.write_text("# as SAKE lists them\ndoor 0\nhot air balloon 1\n")
    chosen = open_dataset("sketchy-zero-shot", extended, unseen=listed)
    assert {row.category for row in chosen.photos if row.split == "test"} == {"door", "hot-air_balloon"}
    assert chosen.unseen == ("door", "hot-air_balloon")
    assert chosen.sha256 != dataset.sha256  # runs and results of both are told apart
    assert cache_folder(chosen) == cache_folder(dataset)  # pictures are the same


@pytest.mark.parametrize(
    ("format", "lines", "message"),
    [
        (
            "sketchy-zero-shot",
            "door\nzebra\n",
            "--unseen-file:2: expected a category of the dataset, found 'zebra'",
        ),
        ("sketchy-zero-shot", "\n", "--unseen-file: 0 of 5 categories"),
        ("sketchy-zero-shot", "cat\ndoor\nairplane\nwindow", "--unseen-file: 4 of 5 categories"),
        ("sketchy", "door\n", "--unseen-file: applies only to sketchy-zero-shot and tu-berlin-zero-shot"),
    ],
)
def test_unusable_lists_of_categories_are_refused(
    released: Path, tmp_path: Path, format: str, lines: str, message: str
) -> None:
    listed = tmp_path / "unseen.txt"
    listed.write_text(lines)
    with pytest.raises(ConfigError) as error:
        open_dataset(format, released, unseen=listed)
    assert message in str(error.value)


def test_the_draw_of_the_paper_and_the_shipped_list(tmp_path: Path) -> None:
    names = Path(__file__).with_name("sketchy-categories.txt").read_text().split()
    assert len(names) == 125
    drawn = unseen_categories(names, 0.8)
    assert len(drawn) == 25
    # Categories of unseen examples that the authors show.
    assert {"guitar", "lobster", "pear", "spoon", "tank"} < drawn
    shipped = Path("ml/datasets/data/sketchy-104-21.txt")
    assert len(unseen_categories(names, 0.8, shipped)) == 21


def test_the_command_line_shows_counts_per_split(
    extended: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    listed = tmp_path / "unseen.txt"
    listed.write_text("door\n")
    options = ["--root", str(extended), "--json", "--unseen-file", str(listed)]
    assert main(["datasets", "show", "--format", "sketchy-zero-shot", *options]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["photos"] == {"train": 72, "val": 8, "test": 20}
    assert shown["sketches"]["test"] == 20
    assert shown["unseen"] == ["door"]
    assert shown["categories"] == {"train": 4, "val": 4, "test": 1}
    assert shown["pairs"] == shown["sketches"]
    assert main(["datasets", "show", "--format", "sketchy", *options]) == 2

"""TU-Berlin as released, with the photos of its extension, and without some categories."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ml.datasets.check import check_pairs
from ml.datasets.formats import open_dataset
from ml.datasets.pairs import PhotoRow, SketchRow
from ml.datasets.stroke_shards import stroke_shards
from ml.datasets.summary import summary
from ml.errors import DatasetError
from tests.support.layouts import outline, product, write

SVG = '<svg viewBox="0 0 800 800"><g><path d="M{0} 1L9 9"/></g></svg>'
CATEGORIES = ("alarm clock", "bear (animal)", "frying-pan")


@pytest.fixture
def released(tmp_path: Path) -> Path:
    """Three categories of twenty sketches, numbered across categories, as in sketches_png.zip."""
    root = tmp_path / "TU-Berlin"
    listed = []
    for number in range(60):
        name = f"{CATEGORIES[number // 20]}/{number + 1}.png"
        write(root / "png" / name, outline(number))
        listed.append(name)
    (root / "png" / "filelist.txt").write_text("\n".join(listed) + "\n")
    return root


@pytest.fixture
def extended(released: Path) -> Path:
    for place, category in enumerate(("alarm_clock", "bear_(animal)", "frying_pan")):
        for number in range(10):
            write(released / "ImageResized" / category / f"{number}.jpg", product(100 * place + number))
    return released


def test_png_with_a_list(released: Path) -> None:
    dataset = open_dataset("tu-berlin", released)
    assert dataset.categories == CATEGORIES
    assert [len(dataset.sketch_rows(split)) for split in ("train", "val", "test")] == [36, 9, 15]
    assert np.array_equal(dataset.sketch(0), outline(0))
    assert check_pairs("tu-berlin", released)["ok"]
    assert open_dataset("tu-berlin", released / "png").sketches[0].key == dataset.sketches[0].key


def test_strokes_are_preferred_and_do_not_change_the_split(released: Path) -> None:
    before = open_dataset("tu-berlin", released)
    for number in range(60):
        folder = released / "svg" / CATEGORIES[number // 20]
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{number + 1}.svg").write_text(SVG.format(number))
    dataset = open_dataset("tu-berlin", released)
    assert [(row.key, row.split) for row in dataset.sketches] == [
        (row.key, row.split) for row in before.sketches
    ]
    strokes = dataset.strokes(30)
    assert strokes is not None
    assert strokes.width == 800
    assert summary("tu-berlin", released)["strokes"]


def test_stored_strokes_keep_to_the_chosen_split(released: Path, tmp_path: Path) -> None:
    for number in range(60):
        folder = released / "svg" / CATEGORIES[number // 20]
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{number + 1}.svg").write_text(SVG.format(number))
    for category in CATEGORIES:
        listed = tmp_path / "unseen.txt"
        listed.write_text(category)
        dataset = open_dataset("tu-berlin-zero-shot", released, unseen=listed)
        shards = stroke_shards(dataset)
        assert np.array_equal(shards.rows("test"), dataset.sketch_rows("test"))
        assert {shards.categories[label] for label in shards.labels[shards.rows("test")]} == {category}


def test_an_incomplete_download_is_noticed(released: Path) -> None:
    (released / "png" / "alarm clock" / "7.png").unlink()
    with pytest.raises(DatasetError, match=r"^png/filelist\.txt:7: alarm clock/7\.png is listed but missing"):
        open_dataset("tu-berlin", released)


def test_photos_of_the_extension_are_a_gallery(extended: Path) -> None:
    dataset = open_dataset("tu-berlin-extended", extended)
    assert dataset.categories == CATEGORIES  # as the sketches spell them
    assert [len(dataset.sketch_rows(split)) for split in ("train", "val", "test")] == [42, 6, 12]
    assert [len(dataset.photo_rows(split)) for split in ("train", "val", "test")] == [27, 3, 0]
    assert (dataset.true_photos == -1).all()
    assert check_pairs("tu-berlin-extended", extended)["ok"]


def test_photos_are_required_for_the_extension(released: Path) -> None:
    with pytest.raises(
        DatasetError, match=r"(?s)ImageResized/<category>/\*\.jpg.*found png/ in|found .*filelist"
    ):
        open_dataset("tu-berlin-extended", released)


def test_unseen_categories_are_only_tested_on(extended: Path, tmp_path: Path) -> None:
    listed = tmp_path / "unseen.txt"
    listed.write_text("frying pan\n")
    dataset = open_dataset("tu-berlin-zero-shot", extended, unseen=listed)
    rows: list[PhotoRow | SketchRow] = [*dataset.photos, *dataset.sketches]
    for row in rows:
        assert (row.split == "test") == (row.category == "frying-pan")
    assert [len(dataset.sketch_rows(split)) for split in ("train", "val", "test")] == [36, 4, 20]
    drawn = open_dataset("tu-berlin-zero-shot", extended)
    assert len({row.category for row in drawn.sketches if row.split == "test"}) == 1


def test_thirty_of_250_categories_are_drawn(tmp_path: Path) -> None:
    for number in range(250):
        folder = tmp_path / "png" / f"category {number}"
        folder.mkdir(parents=True)
        (folder / "1.png").touch()
    shown = summary("tu-berlin-zero-shot", tmp_path)
    assert shown["categories"]["test"] == 30
    assert shown["sketches"] == {"train": 220, "val": 0, "test": 30}

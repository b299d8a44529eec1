"""The other public layouts: how their files are read, and what is refused."""

from pathlib import Path

import numpy as np
import pytest

from ml.datasets.formats import names_of, open_dataset
from ml.datasets.quickdraw import read_quickdraw
from ml.errors import DatasetError
from tests.support.layouts import drawing, outline, product, write, write_lines


def test_qmul_v2(tmp_path: Path) -> None:
    for number in range(10):
        write(tmp_path / "train" / "photos" / f"c{number}.jpg", product(number))
    rows = [
        {"key_id": f"c{n}_{k}", "photo": f"c{n}.png", "word": "chair", "drawing": drawing(10 * n + k)}
        for n in range(10)
        for k in range(2)
    ]
    write_lines(tmp_path / "train" / "sketches.ndjson", rows)
    dataset = open_dataset("qmul-v2", tmp_path)
    assert dataset.categories == ("chair",)
    assert dataset.true_photos.tolist() == [n for n in range(10) for _ in range(2)]
    assert len(dataset.sketch_rows("test")) == 0
    assert dataset.sketch(0).shape == (256, 256)
    strokes = dataset.strokes(3)
    assert strokes is not None
    assert np.array_equal(strokes.strokes[0][:, :2].T, drawing(1 * 10 + 1)[0])

    write_lines(tmp_path / "train" / "sketches.ndjson", [{**rows[0], "photo": "gone.png"}])
    with pytest.raises(DatasetError, match=r"train/sketches\.ndjson:1: its photo 'gone' is missing"):
        open_dataset("qmul-v2", tmp_path)


def test_qmul_v2_keeps_the_position_of_strokes(tmp_path: Path) -> None:
    write(tmp_path / "test" / "photos" / "c.jpg", product(0))
    line = {"key_id": "1", "photo": "c.jpg", "word": "chair", "drawing": [[[20, 100], [200, 200]]]}
    write_lines(tmp_path / "test" / "sketches.ndjson", [line])
    dataset = open_dataset("qmul-v2", tmp_path)
    assert dataset.sketches[0].split == "test"
    rows, columns = np.nonzero(dataset.sketch(0) < 128)
    assert (columns.min(), columns.max()) == pytest.approx((19, 100), abs=2)
    assert rows.mean() == pytest.approx(199.5, abs=1)


def test_sketchy(sketchy: Path) -> None:
    dataset = open_dataset("sketchy", sketchy)
    assert dataset.categories == ("cat", "cup", "hat")
    for category in dataset.categories:  # exact shares in every category
        splits = [row.split for row in dataset.photos if row.category == category]
        assert [splits.count(split) for split in ("train", "val", "test")] == [7, 1, 2]
    for row in dataset.sketches:
        assert row.key == f"{dataset.photos[row.photo].key}-1"
        assert row.split == dataset.photos[row.photo].split
    write(sketchy / "sketch" / "cat" / "n_99-1.png", outline(0))
    with pytest.raises(DatasetError, match="its photo 'n_99' is missing"):
        open_dataset("sketchy", sketchy)


def test_tu_berlin_prefers_strokes(tmp_path: Path) -> None:
    root = tmp_path / "tu"
    for number in range(20):
        write(root / "all" / "cat" / f"{number}.png", outline(number))
    (root / "all" / "cat" / "3.svg").write_text('<svg viewBox="0 0 10 10"><path d="M1 1L9 9"/></svg>')
    dataset = open_dataset("tu-berlin", root)
    assert [len(dataset.sketch_rows(split)) for split in ("train", "val", "test")] == [12, 3, 5]
    assert dataset.photos == ()
    assert (dataset.true_photos == -1).all()
    strokes = dataset.strokes(3)
    assert strokes is not None
    assert strokes.points()[:, :2].tolist() == [[1, 1], [9, 9]]
    assert np.array_equal(dataset.sketch(4), outline(4))


def test_quickdraw_rows_equal_those_of_the_reader(tmp_path: Path) -> None:
    for name in ("cat", "cup"):
        write_lines(
            tmp_path / f"{name}.ndjson",
            [{"key_id": str(n), "word": name, "drawing": drawing(n)} for n in range(20)],
        )
    dataset = open_dataset("quickdraw", tmp_path)
    read = read_quickdraw(tmp_path)
    assert [(row.category, row.split) for row in dataset.sketches] == [(one.name, one.split) for one in read]
    assert dataset.strokes(21) is not None
    assert dataset.sketches[21].key == "cup/1"
    assert len(dataset.sha256) == 64


@pytest.mark.parametrize("format", names_of("pairs", "drawings"))
def test_a_wrong_folder_gets_what_was_expected_and_what_was_found(tmp_path: Path, format: str) -> None:
    (tmp_path / "notes.txt").write_text("nothing here")
    with pytest.raises(DatasetError, match=r"(?s)^--root: expected\b.*\bfound notes\.txt in ") as error:
        open_dataset(format, tmp_path)
    assert str(error.value).count("found") == 1

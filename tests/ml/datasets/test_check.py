"""`datasets check` finds leaks in any encoding, names broken files, and reports nothing for a valid dataset."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from ml.cli import main
from ml.datasets.check import check_pairs
from ml.datasets.formats import open_dataset
from tests.support.layouts import drawing, product, write, write_lines


def test_a_valid_dataset_has_no_findings(qmul_v1: Path) -> None:
    result = check_pairs("qmul-v1", qmul_v1)
    dataset = open_dataset("qmul-v1", qmul_v1)
    assert result["ok"]
    assert result["photos"] == {split: len(dataset.photo_rows(split)) for split in ("train", "val", "test")}
    assert result["sketches"]["test"] == 4
    assert result["triplets"]["test"] == 8
    assert result["sha256"] == dataset.sha256
    assert (result["broken"], result["leaks"], result["duplicates"]) == ([], [], [])


def test_a_recompressed_smaller_photo_leaks(qmul_v1: Path) -> None:
    dataset = open_dataset("qmul-v1", qmul_v1)
    key = dataset.photos[dataset.photo_rows("train")[0]].key
    again = cv2.resize(product(int(key), 64), (56, 56), interpolation=cv2.INTER_AREA)
    cv2.imwrite(str(qmul_v1 / "test" / "images" / "22.jpg"), again, [cv2.IMWRITE_JPEG_QUALITY, 70])
    result = check_pairs("qmul-v1", qmul_v1)
    assert result["leaks"] == [f"photo: {key} (train) = 22 (test)"]
    assert not result["ok"]


def test_a_copied_sketch_leaks_or_is_a_duplicate(qmul_v1: Path) -> None:
    train = [row.key for row in open_dataset("qmul-v1", qmul_v1).photos if row.split == "train"]
    source = qmul_v1 / "train" / "sketches" / f"{train[0]}.png"
    image = cv2.imread(str(source), cv2.IMREAD_GRAYSCALE)
    assert image is not None
    write(qmul_v1 / "test" / "sketches" / "23.png", np.asarray(image))  # different bytes, same pixels
    write(qmul_v1 / "train" / "sketches" / f"{train[1]}.png", np.asarray(image))
    result = check_pairs("qmul-v1", qmul_v1)
    assert result["leaks"] == [f"sketch: {train[0]} (train) = 23 (test)"]
    assert result["duplicates"] == [f"sketch: {train[0]} (train) = {train[1]} (train)"]


def test_equal_strokes_leak(tmp_path: Path) -> None:
    rows = [{"key_id": str(n), "word": "cat", "drawing": drawing(n % 10)} for n in range(20)]
    write_lines(tmp_path / "cat.ndjson", rows)
    result = check_pairs("quickdraw", tmp_path)
    assert result["n_leaks"] + result["n_duplicates"] == 10
    assert result["n_leaks"] > 0


def test_a_sketch_in_another_split_than_its_photo_leaks(snapshot: Path) -> None:
    rows = [json.loads(line) for line in (snapshot / "sketches.ndjson").read_text().splitlines()]
    rows[1]["split"] = "test"
    write_lines(snapshot / "sketches.ndjson", rows)
    assert check_pairs("snapshot", snapshot)["leaks"] == ["sketch and its photo: s1 (test) = p1 (train)"]


@pytest.mark.parametrize("name", ["images/21.jpg", "edges/21.png", "sketches/21.png"])
def test_broken_files_are_named(qmul_v1: Path, name: str) -> None:
    path = qmul_v1 / "test" / name
    path.write_bytes(path.read_bytes()[:150])
    result = check_pairs("qmul-v1", qmul_v1)
    assert result["n_broken"] == 1
    assert result["broken"][0].startswith(f"test/{name}: ")
    assert not result["ok"]


def test_the_command_prints_json_and_fails_on_findings(
    qmul_v1: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    check = ["datasets", "check", "--format", "qmul-v1", "--root", str(qmul_v1), "--json"]
    assert main(check) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["photos"]["test"] == 4
    (qmul_v1 / "test" / "images" / "21.jpg").write_bytes(b"")
    assert main(check) == 1
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["n_broken"] == 1


def test_a_wrong_folder_gets_the_expected_tree(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["datasets", "check", "--format", "sketchy", "--root", str(tmp_path)]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "--root: expected"
    assert "    photo/tx_000000000000/<category>/<photo>.jpg" in lines
    assert lines[-1] == f"found nothing in {tmp_path}"

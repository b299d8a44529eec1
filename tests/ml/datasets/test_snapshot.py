"""The site's own dataset snapshot: votes become rows, and broken references are named."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ml.datasets.check import check_pairs
from ml.datasets.formats import open_dataset
from ml.errors import DatasetError
from tests.support.layouts import write_lines


def test_rows_and_votes(snapshot: Path, zipped: Callable[[Path], Path]) -> None:
    for root in (snapshot, zipped(snapshot)):
        dataset = open_dataset("snapshot", root)
        assert [row.split for row in dataset.photos] == ["train", "train", "train", "val", "test"]
        assert [row.split for row in dataset.sketches] == ["train", "train", "train", "val", "test", "train"]
        assert dataset.true_photos.tolist() == [0, 1, 2, 3, 4, -1]
        train = dataset.triplets["train"].tolist()
        assert train == [[0, 0, 1], [0, 0, 1], [0, 1, 0], [5, 1, 2]]
        assert dataset.triplets["test"].tolist() == [[4, 4, 0]]
        assert dataset.sketch(5).shape == (256, 256)


def changed(root: Path, name: str, row: int, **values: Any) -> None:
    rows = [json.loads(line) for line in (root / name).read_text().splitlines()]
    rows[row] |= values
    write_lines(root / name, rows)


@pytest.mark.parametrize(
    ("name", "row", "values", "message"),
    [
        (
            "products.jsonl",
            1,
            {"split": "dev"},
            r"products\.jsonl:2\.split: expected one of train, val, test",
        ),
        ("products.jsonl", 1, {"key": "p0"}, r"products\.jsonl:2: expected a unique key"),
        ("products.jsonl", 0, {"photo": 3}, r"products\.jsonl:1\.photo: expected a non-empty string"),
        (
            "sketches.ndjson",
            2,
            {"photo": "p9"},
            r"sketches\.ndjson:3\.photo: expected the key of a listed row",
        ),
        ("sketches.ndjson", 5, {"split": None}, r"sketches\.ndjson:6\.split: expected one of"),
        (
            "triplets.jsonl",
            0,
            {"sketch": "s9"},
            r"triplets\.jsonl:1\.sketch: expected the key of a listed row",
        ),
        ("triplets.jsonl", 0, {"split": "test"}, r"triplets\.jsonl:1\.split: expected its sketch's, train"),
        ("triplets.jsonl", 2, {"votes": {"positive": -1}}, r"triplets\.jsonl:3\.votes: expected counts"),
        ("triplets.jsonl", 2, {"votes": {"positive": 10**9}}, r"triplets\.jsonl:3\.votes: expected counts"),
    ],
)
def test_broken_rows_are_named(
    snapshot: Path, name: str, row: int, values: dict[str, Any], message: str
) -> None:
    changed(snapshot, name, row, **values)
    with pytest.raises(DatasetError, match=message):
        open_dataset("snapshot", snapshot)


def test_another_version_is_refused(snapshot: Path) -> None:
    (snapshot / "manifest.json").write_text('{"format": "sketchfind-snapshot", "version": 2}')
    with pytest.raises(
        DatasetError, match=r"manifest\.json: expected format .* version 1, found .* version 2"
    ):
        open_dataset("snapshot", snapshot)
    (snapshot / "manifest.json").write_text("[1]")
    with pytest.raises(DatasetError, match=r"manifest\.json: expected a JSON object"):
        open_dataset("snapshot", snapshot)


def test_its_own_validation_split_is_kept(snapshot: Path) -> None:
    with pytest.raises(DatasetError, match="must be 0"):
        open_dataset("snapshot", snapshot, val=0.2)


def test_a_photo_outside_the_folder_is_not_read(snapshot: Path) -> None:
    changed(snapshot, "products.jsonl", 0, photo="../../etc/hostname")
    with pytest.raises(DatasetError, match="expected a file below"):
        open_dataset("snapshot", snapshot).photo(0)


def test_check_compares_counts_with_the_manifest(snapshot: Path) -> None:
    files = {
        path.relative_to(snapshot).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in snapshot.rglob("*.*")
        if path.name != "manifest.json"
    }
    content = {"format": "sketchfind-snapshot", "version": 1, "files": files, "counts": {"products": 5}}
    (snapshot / "manifest.json").write_text(json.dumps(content))
    assert check_pairs("snapshot", snapshot)["ok"]

    content["counts"] = {"products": 6}
    (snapshot / "manifest.json").write_text(json.dumps(content))
    changed(snapshot, "triplets.jsonl", 1, positive="p0")
    broken = check_pairs("snapshot", snapshot)["broken"]
    assert [line.split(":")[0] for line in broken] == ["triplets.jsonl", "products.jsonl"]
    assert broken[1] == "products.jsonl: 5 rows, expected 6 as in the manifest"

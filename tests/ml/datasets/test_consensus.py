"""Consensus of triplet votes: probabilities and random draws of a snapshot, majorities of other datasets."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ml.datasets.consensus import consensus
from ml.datasets.formats import open_dataset
from ml.errors import DatasetError
from tests.support.layouts import write_lines, write_qmul_v1


def changed(root: Path, row: int, **values: Any) -> None:
    rows = [json.loads(line) for line in (root / "triplets.jsonl").read_text().splitlines()]
    rows[row] |= values
    write_lines(root / "triplets.jsonl", rows)


def test_a_snapshot_gives_probabilities_and_marks_random_draws(snapshot: Path) -> None:
    changed(snapshot, 1, probability=0.75, random=True)
    dataset = open_dataset("snapshot", snapshot)
    merged = consensus(dataset)
    assert merged.triplets.tolist() == [
        [0, 0, 1],
        [5, 1, 2],
        [4, 4, 0],
    ]  # one row per pair, for any number of votes
    assert merged.certainty.tolist() == [1.0, 0.75, 1.0]
    assert merged.random.tolist() == [False, True, False]
    assert merged.of(dataset, "train").triplets.tolist() == [[0, 0, 1], [5, 1, 2]]
    assert merged.of(dataset, "test").triplets.tolist() == [[4, 4, 0]]


@pytest.mark.parametrize("probability", ["sure", 1.5, True, -0.1])
def test_an_invalid_probability_is_named(snapshot: Path, probability: object) -> None:
    changed(snapshot, 2, probability=probability)
    dataset = open_dataset("snapshot", snapshot)
    with pytest.raises(DatasetError, match=r"triplets\.jsonl:3\.probability: expected a number from 0 to 1"):
        consensus(dataset)


def test_other_datasets_give_majorities(tmp_path: Path) -> None:
    dataset = open_dataset("qmul-v1", write_qmul_v1(tmp_path / "hats"))
    merged = consensus(dataset)
    assert len(merged) == 2 * 24
    assert set(merged.certainty.tolist()) == {1.0}
    train = merged.of(dataset, "train")
    photos = dataset.photo_rows("train")
    assert np.isin(train.triplets[:, 1:], photos).all()
    assert len(train)

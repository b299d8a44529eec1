"""Clicks in a snapshot: a file of their own, validated line by line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ml.contracts.snapshot import CLICKS
from ml.datasets.clicks import clicked
from ml.datasets.formats import open_dataset
from ml.errors import DatasetError
from tests.support.layouts import write_lines

ROW: dict[str, Any] = {"sketch": "s0", "opened": "p0", "passed_over": "p1", "weight": 0.5, "split": "train"}


def test_clicks_are_apart_from_judgements(snapshot: Path) -> None:
    before = open_dataset("snapshot", snapshot)
    assert len(clicked(before)) == 0
    write_lines(snapshot / CLICKS, [ROW, ROW | {"weight": 2.0, "split": "test"}])
    dataset = open_dataset("snapshot", snapshot)
    assert dataset.votes.tolist() == before.votes.tolist()
    assert dataset.sha256 != before.sha256
    found = clicked(dataset)
    assert found.triplets.tolist() == [[0, 0, 1], [0, 0, 1]]
    assert found.of("test").weight.tolist() == [2.0]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"sketch": "s9"}, r"clicks\.jsonl:1\.sketch: expected the key of a listed row"),
        ({"opened": "p9"}, r"clicks\.jsonl:1\.opened"),
        ({"passed_over": None}, r"clicks\.jsonl:1\.passed_over: expected a non-empty string"),
        ({"weight": 0}, r"clicks\.jsonl:1\.weight: expected a number above 0"),
        ({"weight": True}, r"clicks\.jsonl:1\.weight"),
        ({"split": "dev"}, r"clicks\.jsonl:1\.split"),
    ],
)
def test_wrong_lines_are_named(snapshot: Path, values: dict[str, Any], message: str) -> None:
    (snapshot / CLICKS).write_text(json.dumps(ROW | values) + "\n")
    with pytest.raises(DatasetError, match=message):
        clicked(open_dataset("snapshot", snapshot))

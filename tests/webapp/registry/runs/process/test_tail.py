"""Reading files that grow, are truncated or are replaced."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from webapp.registry.runs.process.tail import LineTail, MetricsTail

pytestmark = pytest.mark.both_stores


def add(path: Path, *rows: dict[str, object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        file.write("".join(json.dumps(row) + "\n" for row in rows))


def test_lines_are_returned_once_complete_and_until_accepted(tmp_path: Path) -> None:
    tail = LineTail(tmp_path / "log")
    assert tail.peek() == []
    (tmp_path / "log").write_text("one\ntw")
    assert tail.peek() == tail.peek() == ["one"]
    tail.accept()
    assert (tail.peek(), tail.number) == ([], 1)
    (tmp_path / "log").write_text("one\ntwo\n\nfour\n")
    assert tail.peek() == ["two", "", "four"]
    tail.accept()
    assert tail.number == 4


def test_a_replaced_file_is_read_from_its_start(tmp_path: Path) -> None:
    path = tmp_path / "1-train" / "metrics.jsonl"
    tail = MetricsTail(tmp_path)
    add(path, {"step": 0, "loss": 2.0, "time": 1.0}, {"step": 1, "loss": 1.0, "time": 2.0})
    assert [row.step for row in tail.peek()] == [0, 1]
    tail.accept()
    aside = tmp_path / "aside"
    add(aside, {"step": 0, "loss": 2.0, "time": 1.0}, {"step": 1, "loss": 1.5, "time": 9.0})
    aside.replace(path)
    assert [(row.stage, row.step, row.values) for row in tail.peek()] == [
        ("1-train", 0, {"loss": 2.0}),
        ("1-train", 1, {"loss": 1.5}),
    ]


def test_stages_are_separate_and_invalid_rows_are_skipped(tmp_path: Path) -> None:
    add(tmp_path / "metrics.jsonl", {"step": 0, "time": 1.0, "loss": 1, "word": "x", "flag": True})
    add(tmp_path / "pretraining" / "1-cnn" / "metrics.jsonl", {"step": 0, "time": 0.5, "val/score": 0.1})
    with (tmp_path / "metrics.jsonl").open("a") as file:
        file.write('{"step": 1, "lo\n[]\n{"step": -1}\n{"step": 2, "time": 3.0, "loss": NaN}\n')
    rows = MetricsTail(tmp_path).peek()
    assert [(row.stage, row.step, row.values, row.validated) for row in rows] == [
        ("pretraining/1-cnn", 0, {"val/score": 0.1}, True),
        ("train", 0, {"loss": 1}, False),
        ("train", 2, {}, False),
    ]


def test_the_plan_gives_the_steps_of_a_stage(tmp_path: Path) -> None:
    add(tmp_path / "run" / "metrics.jsonl", {"step": 0, "time": 1.0})
    tail = MetricsTail(tmp_path)
    tail.peek()
    assert tail.n_steps("run") is None
    (tmp_path / "run" / "plan.json").write_text('{"title": "x", "steps": 7}')
    assert tail.n_steps("run") == 7

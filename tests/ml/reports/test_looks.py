"""Looks at the test split survive the files that hold them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ml.datasets.pairs import PairDataset
from ml.errors import ConfigError
from ml.protocols.pairs import measure
from ml.reports.looks import look_at
from ml.reports.results import Run, read_results, require_traceable, result_of, write_result
from tests.support.scorers import Scripted


def result(hats: PairDataset, split: Any = "test") -> dict[str, Any]:
    run = Run("hog", {"seed": 0}, 1.0, "a machine", "a command")
    return result_of(run, hats, measure(Scripted(lambda s, p: float(p)), hats, split=split))


def looks(folder: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = read_results(folder / "results")["row"]["looks"]
    return found


def test_the_looks_of_a_replaced_file_are_kept(tmp_path: Path, hats: PairDataset) -> None:
    for count in (1, 2, 3):
        measured = result(hats)
        write_result(tmp_path / "results" / "row.json", measured, more_looks=[look_at(measured["metrics"])])
        found = looks(tmp_path)
        assert len(found) == count
        assert [look["at"] for look in found] == sorted(look["at"] for look in found)
        assert found[-1]["values"]["acc@1"] == 0.25


def test_a_file_from_before_looks_were_counted_is_one_look(tmp_path: Path, hats: PairDataset) -> None:
    old = result(hats) | {"date": "2026-11-21"}
    write_result(tmp_path / "results" / "row.json", old)
    assert looks(tmp_path) == []
    write_result(tmp_path / "results" / "row.json", result(hats), more_looks=[look_at(old["metrics"])])
    first, second = looks(tmp_path)
    assert (first["at"], first["values"]) == ("2026-11-21", second["values"])


def test_the_validation_split_is_not_counted(tmp_path: Path, hats: PairDataset) -> None:
    measured = result(hats, "val")
    write_result(tmp_path / "results" / "row.json", measured, more_looks=[look_at(measured["metrics"])])
    assert looks(tmp_path) == []


@pytest.mark.parametrize("commit", ["unknown", "0" * 40 + "-dirty"])
def test_a_model_of_code_that_nobody_can_look_up_gets_no_result(commit: str) -> None:
    require_traceable(Path("row.json"), commits=["0" * 40])
    with pytest.raises(ConfigError, match=r"row\.json would come from code .*the training: .*--untracked"):
        require_traceable(Path("row.json"), commits=[commit])

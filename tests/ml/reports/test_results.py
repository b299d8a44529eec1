"""Result files hold all data of a run, without paths of this machine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ml.checkout import commit
from ml.command import command_line, portable
from ml.datasets.pairs import PairDataset
from ml.errors import DatasetError
from ml.hardware import processor
from ml.protocols.pairs import measure
from ml.reports.results import KEYS, Run, read_results, result_of, write_result
from tests.support.scorers import Scripted


def run(**fields: Any) -> Run:
    return Run(
        system="dssa",
        config={"seed": 3, "model": Path("/home/somebody/model").as_posix()},
        minutes=1.26,
        machine="a processor, 2 threads",
        command="python -m ml train --root /home/somebody/shoes",
        **fields,
    )


def test_a_written_result_reads_back_with_every_key(tmp_path: Path, hats: PairDataset) -> None:
    measured = measure(Scripted(lambda s, p: float(p)), hats)
    write_result(tmp_path / "results" / "part" / "one.json", result_of(run(label="base"), hats, measured))
    (name, result), *rest = read_results(tmp_path / "results").items()
    assert (name, rest) == ("part/one", [])
    assert tuple(result) == KEYS
    assert (result["dataset"], result["category"], result["seed"]) == ("qmul-v1", "hats", 3)
    assert result["ranks"] == [1, 2, 3, 4]
    assert result["metrics"]["acc@1"]["value"] == 0.25
    assert result["minutes"] == 1.3
    assert result["dataset_sha256"] == hats.sha256
    assert result["processor"] == processor().as_json()


def test_a_file_without_a_processor_is_read(tmp_path: Path, hats: PairDataset) -> None:
    result = result_of(run(), hats, measure(Scripted(lambda s, p: 0.0), hats))
    del result["processor"]
    folder = tmp_path / "results"
    folder.mkdir()
    (folder / "old.json").write_text(json.dumps(result))
    assert read_results(folder) == {"old": result}


def test_no_path_of_this_machine_is_written(hats: PairDataset) -> None:
    text = json.dumps(result_of(run(), hats, measure(Scripted(lambda s, p: 0.0), hats)))
    assert "/home" not in text
    assert str(hats.root) not in text


def test_an_invalid_result_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "odd.json").write_text('{"system": "dssa"}')
    with pytest.raises(DatasetError, match=r"odd\.json.*missing label"):
        read_results(tmp_path)


def test_a_recorded_command_has_no_paths_of_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SKETCHFIND_DATA", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    arguments = ["train", "--root", f"{tmp_path}/data/v1.zip/shoes", "--out", f"{tmp_path}/runs/a", "--set"]
    line = command_line([*arguments, f"also=qmul-v1:{tmp_path}/data/v1.zip/chairs"])
    assert line.startswith("python -m ml train --root $SKETCHFIND_DATA/v1.zip/shoes --out runs/a --set ")
    assert str(tmp_path) not in line
    assert command_line(["evaluate", "--label", "64 bit"]) == 'python -m ml evaluate --label "64 bit"'
    assert portable("/somewhere/secret/model") == "$ELSEWHERE/model"
    assert portable("lr=1e-3 runs/a") == "lr=1e-3 runs/a"


def test_the_commit_is_a_hash_with_a_mark_for_uncommitted_code() -> None:
    value = commit()
    assert value == "unknown" or len(value.removesuffix("-dirty")) == 40


def test_rounding_keeps_ranks_of_ties(hats: PairDataset) -> None:
    result = result_of(run(), hats, measure(Scripted(lambda s, p: 0.0), hats))
    assert result["ranks"] == [2.5] * 4
    assert np.array(result["ties"]).tolist() == [3] * 4

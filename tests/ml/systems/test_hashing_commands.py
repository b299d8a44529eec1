"""The hashers through `ml.api`, as called by the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from ml import api
from ml.baselines.hashing.hashers import HASHERS
from ml.baselines.registry import BASELINES
from ml.reports.results import read_results
from ml.reports.tables import tables
from tests.support.doodles import write_doodles

pytestmark = pytest.mark.slow

TINY = (
    *("batch_size=24", "validations=1", "code_length=16", "precision=fp32", "image_size_px=48", "width=0.1"),
    *(
        "fc_dim=32",
        "rnn_hidden=16",
        "cnn_steps=1",
        "rnn_steps=1",
        "fuse_steps=1",
        "centre_steps=1",
        "steps=1",
    ),
)


def test_train_evaluate_baseline_and_their_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.set_num_threads(1)
    monkeypatch.setenv("SKETCHFIND_CACHE", str(tmp_path / "cache"))
    root, results = write_doodles(tmp_path / "doodles"), tmp_path / "results"
    for system in ("sketchmate", "dlbhc", "dsh-supervised", "dsh-sketch"):
        out = tmp_path / system
        overrides = [*TINY, f"pretraining={tmp_path / 'shared'}"]
        api.train(system=system, format="quickdraw", root=root, out=out, overrides=overrides)
        api.evaluate(model=out, format="quickdraw", root=root, result=results / f"{system}.json")
    deep = ["features=deep", f"model={tmp_path / 'sketchmate'}", "code_length=16"]
    found = api.evaluate_baseline(
        name="hash-sdh",
        format="quickdraw",
        root=root,
        overrides=deep,
        result=results / "sdh.json",
        label="deep",
    )
    assert found["code_length"] == 16
    table = tables(read_results(results))
    assert "### Hash codes" in table
    for name in ("sketchmate", "dlbhc", "dsh-supervised", "dsh-sketch", "hash-sdh, deep"):
        assert f"| {name} | " in table


def test_every_shallow_hasher_is_a_baseline() -> None:
    assert {f"hash-{name}" for name in HASHERS} <= set(BASELINES)

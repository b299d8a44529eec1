"""System `recogniser` on generated drawings: training, its folder, and how it is measured."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from ml import api
from ml.datasets.formats import open_dataset
from ml.datasets.pairs import PairDataset
from ml.errors import ConfigError, DatasetError
from ml.protocols.recognition import measure_recognition, named_drawings
from ml.serving.recogniser import Recogniser
from ml.systems.recogniser import release
from ml.systems.recogniser.config import RecogniserConfig
from ml.systems.recogniser.data import RecogniserData
from ml.systems.recogniser.teacher import Teacher
from ml.systems.registry import load_scorer
from ml.training.watch import Cancelled, watched
from tests.support.doodles import SHAPES, write_doodles

pytestmark = pytest.mark.slow

TINY = ("steps=30", "batch_size=16", "image_size_px=32", "hidden=32", "validate_every=15", "precision=fp32")
QUICK = (*TINY, "ema_decay=0.5", "head_lr=0.01", "dropout=0")


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def drawings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_doodles(tmp_path_factory.mktemp("drawings"))


@pytest.fixture(scope="module")
def dataset(drawings: Path) -> PairDataset:
    return open_dataset("quickdraw", drawings)


@pytest.fixture(scope="module")
def folder(drawings: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trained model folder."""
    out = tmp_path_factory.mktemp("model")
    api.train(
        system="recogniser", format="quickdraw", root=drawings, out=out, overrides=QUICK, command="as typed"
    )
    return out


@pytest.fixture(scope="module")
def manifest(folder: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((folder / "model.json").read_text())
    return read


def test_it_learns_to_recognise_drawings(folder: Path, dataset: PairDataset) -> None:
    metrics = measure_recognition(Recogniser.load(folder), dataset)
    assert metrics["top-1"]["value"] > 0.6
    assert metrics["n_queries"] == len(dataset.sketch_rows("test"))
    assert set(metrics["names"]) == set(SHAPES)


def test_the_folder_holds_what_serves_and_its_origin(folder: Path, manifest: dict[str, Any]) -> None:
    assert set(manifest["files"]) == {
        *("weights.safetensors", "recogniser.fp32.onnx", "recogniser.int8.onnx", "reference.npz")
    }
    assert manifest["names"] == sorted(SHAPES)
    assert manifest["training"]["command"] == "as typed"
    assert sum(manifest["data"]["train"].values()) + manifest["data"]["val"] + manifest["data"]["test"] == 96
    assert manifest["int8"]["shared"] > 0.9
    card = (folder / "CARD.md").read_text()
    assert "CC-BY 4.0" in card
    assert "DoodleNet" not in card, "this run had no teacher"
    assert f"| {manifest['nonsense']['scribble']['n']} |" in card


def test_int8_serves_only_if_it_is_as_accurate(manifest: dict[str, Any]) -> None:
    holds = manifest["int8"]["loss_on_validation"] <= release.SHIPPED_LOSS
    assert manifest["precision"] == ("int8" if holds else "fp32")


def test_evaluate_measures_it_by_names(folder: Path, drawings: Path, tmp_path: Path) -> None:
    assert load_scorer(folder)[0]["system"] == "recogniser"
    measured = api.evaluate(model=folder, format="quickdraw", root=drawings, sheets=tmp_path)
    assert {"top-1", "top-5", "calibration_error", "top-1_half"} <= measured.keys()
    assert (tmp_path / "drawings.png").stat().st_size > 1000
    with pytest.raises(ConfigError, match="--result"):
        api.evaluate(model=folder, format="quickdraw", root=drawings, result=tmp_path / "r.json")
    with pytest.raises(ConfigError, match="no distances"):
        api.compare(model=folder, against=folder, format="quickdraw", root=drawings)


def test_a_killed_run_continues_to_the_same_weights(
    folder: Path, dataset: PairDataset, tmp_path: Path
) -> None:
    rows: list[object] = []
    arguments: dict[str, Any] = {"dataset": dataset, "profile": "cpu", "overrides": QUICK, "command": ""}
    with pytest.raises(Cancelled), watched(on_row=rows.append, cancelled=lambda: len(rows) >= 7):
        release.train(out=tmp_path, **arguments)
    release.train(out=tmp_path, **arguments)
    assert (tmp_path / "weights.safetensors").read_bytes() == (folder / "weights.safetensors").read_bytes()
    with pytest.raises(ConfigError, match="hidden"):
        release.train(out=tmp_path, **{**arguments, "overrides": [*QUICK, "hidden=16"]})


def test_further_drawings_are_trained_on_except_those_held_out(
    drawings: Path, dataset: PairDataset, tmp_path: Path
) -> None:
    again = write_doodles(tmp_path / "again", n=30)  # the first 24 of each are the dataset's own
    write_doodles(tmp_path / "again", n=5, shapes=("star",))
    alone = RecogniserData(RecogniserConfig(), dataset)
    data = RecogniserData(RecogniserConfig(more=(again,)), dataset)
    assert data.sources == {**alone.sources, "again": 3 * 6}
    assert data.n_train == alone.n_train + 3 * 6
    for split in ("val", "test"):
        assert (data.held_out(split)[0] == alone.held_out(split)[0]).all()


def test_drawings_of_unknown_names_are_left_out_and_counted(dataset: PairDataset) -> None:
    known = named_drawings(["comb", "ring"], dataset, "test")
    assert len(known.labels) + known.unknown == len(dataset.sketch_rows("test"))
    assert known.unknown > 0
    with pytest.raises(DatasetError, match="no drawings of the names"):
        named_drawings(["cat"], dataset, "test")


def test_half_drawn_means_the_first_half_of_the_strokes(dataset: PairDataset) -> None:
    whole = named_drawings(SHAPES, dataset, "val")
    half = whole.half_drawn()
    assert (half.labels == whole.labels).all()
    for before, after in zip(whole.sketches, half.sketches, strict=True):
        assert len(after.strokes) == -(-len(before.strokes) // 2)
        assert all((a == b).all() for a, b in zip(after.strokes, before.strokes, strict=False))


def test_a_file_that_is_not_a_teacher_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "other.npz", weight=np.zeros(3))
    with pytest.raises(DatasetError, match="teacher"):
        Teacher(tmp_path / "other.npz")


def test_trained_weights_are_averaged_with_their_start(drawings: Path, folder: Path, tmp_path: Path) -> None:
    settings = (*QUICK, f"start={folder}", "steps=4", "validate_every=2", "ema_decay=none")
    weights = {}
    for share in ("0", "0.5"):
        out = tmp_path / share
        api.train(
            system="recogniser",
            format="quickdraw",
            root=drawings,
            out=out,
            overrides=(*settings, f"start_share={share}"),
            command="",
        )
        weights[share] = load_file(out / "weights.safetensors")
    start = load_file(folder / "weights.safetensors")
    assert any(not torch.equal(weights["0"][name], start[name]) for name in start)
    for name, value in weights["0.5"].items():
        torch.testing.assert_close(value, (weights["0"][name] + start[name]) / 2)

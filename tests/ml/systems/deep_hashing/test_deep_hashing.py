"""The deep hashers on generated drawings: each learns to retrieve and shares SketchMate's image branch."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch

from ml.datasets.pairs import PairDataset
from ml.errors import ConfigError, DatasetError
from ml.protocols.hashing import measure_hashing
from ml.systems.deep_hashing import dlbhc, dsh_sketch, dsh_supervised
from ml.systems.deep_hashing.config import DeepHashingSettings
from ml.systems.deep_hashing.dsh_sketch import class_vectors
from ml.training.watch import Cancelled, watched

pytestmark = pytest.mark.slow

SYSTEMS = {
    "dlbhc": dlbhc,
    "dsh-supervised": dsh_supervised,
    "dsh-sketch": dsh_sketch,
}
TINY = (
    *("batch_size=24", "validations=1", "code_length=16", "precision=fp32", "ema_decay=0.5"),
    *("image_size_px=48", "width=0.1", "fc_dim=32", "learning_rate=0.005", "branch_lr=0.003", "dropout=0"),
    *("cnn_steps=10", "steps=20", "augment=0.5"),
)


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shared")


def run(system: ModuleType, dataset: PairDataset, out: Path, *overrides: str) -> None:
    system.train(dataset=dataset, out=out, profile="cpu", overrides=[*TINY, *overrides], command="as typed")


@pytest.mark.parametrize("name", SYSTEMS)
def test_every_hasher_learns_to_retrieve(
    name: str, doodles: PairDataset, shared: Path, tmp_path: Path
) -> None:
    run(SYSTEMS[name], doodles, tmp_path, f"pretraining={shared}")
    hasher = SYSTEMS[name].load(tmp_path)
    metrics = measure_hashing(hasher, doodles).metrics
    assert metrics["mAP"]["value"] > 0.6
    assert ("accuracy" in metrics) == (name == "dlbhc")
    assert len(list(shared.glob("*/done.json"))) == 1


def test_alternating_training_resumes_with_its_codes(doodles: PairDataset, tmp_path: Path) -> None:
    steps = ("cnn_steps=1", "steps=5")
    run(dsh_sketch, doodles, tmp_path / "whole", *steps)
    rows: list[object] = []
    with pytest.raises(Cancelled), watched(on_row=rows.append, cancelled=lambda: len(rows) >= 4):
        run(dsh_sketch, doodles, tmp_path / "cut", *steps)
    run(dsh_sketch, doodles, tmp_path / "cut", *steps)
    whole, cut = (dsh_sketch.load(tmp_path / name).model.state_dict() for name in ("whole", "cut"))
    assert all(torch.equal(whole[name], cut[name]) for name in whole)


def test_word_vectors_describe_categories(tmp_path: Path) -> None:
    file = tmp_path / "words.txt"
    file.write_text("hot 1 0 0\ndog 0 1 0\ncat 0 3 4\nunused 9 9 9\n")
    vectors = class_vectors(("hot dog", "cat"), file)
    np.testing.assert_allclose(vectors, [[0.5**0.5, 0.5**0.5, 0], [0, 0.6, 0.8]], atol=1e-6)
    with pytest.raises(DatasetError, match="no word of 'apple'"):
        class_vectors(("cat", "apple"), file)
    assert class_vectors(("a", "b"), None).tolist() == [[1, 0], [0, 1]]


@pytest.mark.parametrize(
    ("choices", "field"),
    [({"head": "recognition"}, "head"), ({"margin": 0.0}, "margin"), ({"alpha": -1.0}, "alpha")],
)
def test_contradictory_settings_are_refused(choices: dict[str, object], field: str) -> None:
    with pytest.raises(ConfigError, match=field):
        DeepHashingSettings(**choices)  # type: ignore[arg-type]

"""`sketchmate` on generated drawings: its five stages, its switches and its codes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from ml.datasets.pairs import PairDataset
from ml.datasets.stroke_shards import stroke_shards
from ml.errors import ConfigError, DatasetError, ModelError
from ml.models.sketchmate.network import SketchMate
from ml.protocols.hashing import measure_hashing
from ml.retrieval.packing import pack
from ml.serving.hasher import SketchCodes
from ml.sketch.entropy import image_entropy
from ml.sketch.sequence import sequence
from ml.systems.sketchmate import training as sketchmate
from ml.systems.sketchmate.config import PROFILES, SketchMateSettings
from ml.systems.sketchmate.data import SketchBatches, unseen_categories
from ml.systems.sketchmate.discriminant_init import DEVIATION, init_from_discriminant_axes
from ml.systems.sketchmate.export import export_hasher
from ml.systems.sketchmate.fitting import encode, hashing_validation
from ml.systems.sketchmate.scorer import SketchHasher
from ml.training.config import with_overrides
from ml.training.run_files import read_rows

pytestmark = pytest.mark.slow

TINY = (
    *("batch_size=24", "validations=1", "code_length=16", "precision=fp32", "ema_decay=none"),
    *("image_size_px=48", "width=0.1", "fc_dim=32", "rnn_hidden=16", "max_points=40", "learning_rate=0.005"),
    *("branch_lr=0.002", "rnn_lr=0.005", "dropout=0", "rnn_dropout=0", "augment=0.5"),
)
LEARNT = ("cnn_steps=12", "rnn_steps=25", "fuse_steps=12", "centre_steps=6", "steps=6")
ONE_STEP = ("cnn_steps=1", "rnn_steps=1", "fuse_steps=1", "centre_steps=1", "steps=1")


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def run(dataset: PairDataset, out: Path, *overrides: str) -> dict[str, object]:
    return dict(
        sketchmate.train(
            dataset=dataset, out=out, profile="cpu", overrides=[*TINY, *overrides], command="as typed"
        )
    )


@pytest.fixture(scope="module")
def learnt(doodles: PairDataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model trained on the doodles."""
    torch.set_num_threads(1)
    out = tmp_path_factory.mktemp("runs") / "full"
    run(doodles, out, *LEARNT, f"pretraining={out.parent / 'shared'}", "centre_weight=0.1")
    return out


def test_five_stages_train_a_model_that_retrieves(learnt: Path, doodles: PairDataset) -> None:
    hasher = sketchmate.load(learnt)
    metrics = measure_hashing(hasher, doodles, split="test").metrics
    assert metrics["n_queries"] == 24
    assert metrics["code_length"] == 16
    assert metrics["mAP"]["value"] > 0.7
    assert metrics["accuracy"]["value"] > 0.7
    done = {path.parent.name for path in learnt.parent.rglob("done.json")}
    assert done == {"1-cnn", "2-rnn", "3-fuse", "4-centres", "5-full"}


def test_each_stage_adds_its_loss(learnt: Path) -> None:
    def losses(stage: str) -> set[str]:
        return set(read_rows(learnt / stage)[0]) & {"cel", "scl", "ql"}

    assert losses("3-fuse") == {"cel"}
    assert losses("4-centres") == {"cel", "scl"}
    assert losses("5-full") == {"cel", "scl", "ql"}


def test_centres_are_computed_after_stage_three(learnt: Path, doodles: PairDataset) -> None:
    """The mean features of noise-free training sketches by the model before stage 4, constant from then on."""
    from safetensors.torch import load_file

    hasher = sketchmate.load(learnt)
    kept = hasher.model.centres.clone()
    hasher.model.load_state_dict(load_file(learnt / "3-fuse" / "weights.safetensors"))
    data = SketchBatches(stroke_shards(doodles), hasher.categories, hasher.settings)
    f = 1 / (1 + np.exp(-hasher.logits(doodles, "sketch", data.centre_rows())))
    labels = data.labels[data.centre_rows()]
    expected = np.stack([f[labels == label].mean(axis=0) for label in range(4)])
    np.testing.assert_allclose(kept.numpy(), expected, atol=1e-4)


def test_noise_is_removed_at_both_ends_of_each_class(doodles: PairDataset) -> None:
    settings = SketchMateSettings(noise_free=0.8, image_size_px=64)
    data = SketchBatches(stroke_shards(doodles), doodles.categories, settings)
    kept = set(data.centre_rows().tolist())
    for label in range(4):
        rows = data.train[data.labels[data.train] == label]
        entropies = [image_entropy(data.image(int(row))) for row in rows]
        ordered = rows[np.argsort(entropies)]
        assert ordered[0] not in kept
        assert ordered[-1] not in kept
        assert len(kept & set(rows.tolist())) == pytest.approx(0.8 * len(rows), abs=2)


@pytest.mark.parametrize(
    "code_length", [8, 64]
)  # fewer and more bits than discriminant axes of four categories
def test_the_hash_layer_starts_with_separated_categories(
    learnt: Path, doodles: PairDataset, code_length: int
) -> None:
    hasher = sketchmate.load(learnt)
    settings = replace(hasher.settings, code_length=code_length)
    data = SketchBatches(stroke_shards(doodles), hasher.categories, settings)
    model = SketchMate(settings.network(len(data.seen)))
    for trained, branch in ((hasher.model.cnn, model.cnn), (hasher.model.rnn, model.rnn)):
        assert trained is not None
        assert branch is not None
        branch.load_state_dict(trained.state_dict())
    validate = hashing_validation(data, settings)
    before = validate(model.eval())
    init_from_discriminant_axes(model, data, settings)
    after = validate(model)
    assert after["score"] >= max(0.9, before["score"])
    assert after["accuracy"] > max(0.9, before["accuracy"])
    logits = encode(model, data, data.train, settings).logits
    np.testing.assert_allclose(logits.mean(axis=0), 0, atol=1e-2)
    moving = logits.std(axis=0)[logits.std(axis=0) > 1e-3]
    np.testing.assert_allclose(moving, DEVIATION, rtol=1e-2)


def test_shared_branches_are_not_trained_again(learnt: Path, doodles: PairDataset, tmp_path: Path) -> None:
    shared = learnt.parent / "shared"
    before = {path: path.stat().st_mtime_ns for path in shared.rglob("*.safetensors")}
    quick = ("fuse_steps=1", "centre_steps=1", "steps=1", *LEARNT[:2], f"pretraining={shared}")
    run(doodles, tmp_path / "8", *quick, "code_length=8", "centre=none", "quantisation_weight=0")
    run(doodles, tmp_path / "cnn", *quick, "branches=cnn")
    assert {path: path.stat().st_mtime_ns for path in shared.rglob("*.safetensors")} == before
    assert sketchmate.load(tmp_path / "8").code_length == 8
    with pytest.raises(ConfigError, match="width"):
        run(doodles, tmp_path / "other", *quick, "width=0.2")


def test_losses_start_from_one_fused_network(doodles: PairDataset, tmp_path: Path) -> None:
    shared = f"fused={tmp_path / 'fused'}", f"pretraining={tmp_path / 'branches'}"
    run(doodles, tmp_path / "cel", *ONE_STEP, *shared, "centre=none", "quantisation_weight=0")
    kept = (tmp_path / "fused" / "3-fuse" / "weights.safetensors").stat().st_mtime_ns
    run(doodles, tmp_path / "full", *ONE_STEP, *shared, "refine_lr_factor=0.5", "fuse_lr_factor=0.01")
    assert (tmp_path / "fused" / "3-fuse" / "weights.safetensors").stat().st_mtime_ns == kept
    assert {path.name for path in (tmp_path / "full").iterdir() if path.is_dir()} == {"4-centres", "5-full"}
    with pytest.raises(ConfigError, match="fuse_steps=1, found 2"):
        run(doodles, tmp_path / "other", *ONE_STEP, *shared, "fuse_steps=2")


def test_an_interrupted_run_resumes_to_the_same_model(doodles: PairDataset, tmp_path: Path) -> None:
    from ml.training.watch import Cancelled, watched

    steps = ("cnn_steps=1", "rnn_steps=1", "fuse_steps=2", "centre_steps=2", "steps=2", "centre=common")
    run(doodles, tmp_path / "whole", *steps)
    rows: list[object] = []
    with pytest.raises(Cancelled), watched(on_row=rows.append, cancelled=lambda: len(rows) >= 4):
        run(doodles, tmp_path / "cut", *steps)
    run(doodles, tmp_path / "cut", *steps)
    whole, cut = (sketchmate.load(tmp_path / name).model.state_dict() for name in ("whole", "cut"))
    assert all(torch.equal(whole[name], cut[name]) for name in whole)


@pytest.mark.parametrize(
    ("overrides", "losses"),
    [
        (("centre=none", "quantisation_weight=0"), {"cel"}),
        (("centre=common",), {"cel", "scl", "ql"}),
        (("hash_init=random", "refine_lr_factor=0.2"), {"cel", "scl", "ql"}),
        (("head=recognition", "recognition_dim=20", "hash_init=random"), {"cel", "scl"}),
        (("branches=rnn",), {"cel", "scl", "ql"}),
        (("branches=cnn", "image_branch=lite0", "image_size_px=64"), {"cel", "scl", "ql"}),
    ],
)
def test_rows_of_the_tables(
    doodles: PairDataset, tmp_path: Path, overrides: tuple[str, ...], losses: set[str]
) -> None:
    run(doodles, tmp_path, *ONE_STEP, *overrides)
    assert set(read_rows(tmp_path / "5-full")[0]) & {"cel", "scl", "ql"} == losses
    assert "val/accuracy" in read_rows(tmp_path / "5-full")[0]


def test_zero_shot_excludes_categories_from_training(doodles: PairDataset, tmp_path: Path) -> None:
    manifest = run(doodles, tmp_path, *ONE_STEP, "unseen=2", "skip=4,5")
    hasher = sketchmate.load(tmp_path)
    assert set(hasher.categories) | set(hasher.unseen) == set(doodles.categories)
    assert len(hasher.unseen) == 2
    assert manifest["unseen"] == list(hasher.unseen)
    measured = measure_hashing(hasher, doodles, split="test", gallery="all", categories=hasher.unseen)
    assert (measured.metrics["n_queries"], measured.metrics["n_gallery"]) == (12, 47)
    assert {doodles.sketches[row].category for row in measured.gallery_rows} == set(hasher.unseen)
    with pytest.raises(DatasetError, match="at least two must remain"):
        unseen_categories(doodles.categories, 3, 0)


def test_learning_curves_add_drawings_to_each_category(doodles: PairDataset) -> None:
    chosen = []
    for per_category in (2, 3):
        settings = with_overrides(SketchMateSettings(), [*TINY, f"per_category={per_category}"])
        data = SketchBatches(stroke_shards(doodles), doodles.categories, settings)
        counts = np.bincount(data.labels[data.train], minlength=len(doodles.categories))
        assert counts.tolist() == [per_category] * len(doodles.categories)
        chosen.append(set(data.train.tolist()))
    assert chosen[0] < chosen[1]
    with pytest.raises(ConfigError, match="per_category"):
        SketchMateSettings(per_category=0)


def test_final_training_includes_validation_drawings(doodles: PairDataset) -> None:
    shards = stroke_shards(doodles)
    data = SketchBatches(shards, doodles.categories, SketchMateSettings(final=True))
    assert np.array_equal(data.train, doodles.sketch_rows("train", "val"))
    assert not len(data.val)


def test_sequences_are_truncated_offsets_with_pen_states(doodles: PairDataset) -> None:
    sketch = stroke_shards(doodles).sketch(0)
    rows = sequence(sketch, 7)
    xy = sketch.points()[:7, :2]
    np.testing.assert_allclose(rows[:, :2].cumsum(axis=0), xy - xy[0])
    ends = np.cumsum(sketch.lengths) - 1
    assert np.array_equal(np.flatnonzero(rows[:, 3]), ends[ends < 7])
    assert (rows[:, 2] + rows[:, 3] == 1).all()


@pytest.mark.parametrize("profile", PROFILES)
def test_profiles_are_valid(profile: str) -> None:
    network = PROFILES[profile].network(345)
    assert network.embedding_dim == PROFILES[profile].code_length


@pytest.mark.parametrize(
    ("choices", "field"),
    [
        ({"code_length": 20}, "code_length"),
        ({"image_branch": "lite0", "image_size_px": 48}, "image_size_px"),
        ({"image_branch": "sketch-a-net"}, "image_size_px"),
        ({"fuse_lr_factor": 0.0}, "fuse_lr_factor"),
        ({"noise_free": 0.0}, "noise_free"),
        ({"skip": (6,)}, "skip"),
        ({"fuse_steps": 0}, "fuse_steps"),
        ({"centre_weight": -1.0}, "centre_weight"),
    ],
)
def test_contradictory_settings_are_refused(choices: dict[str, object], field: str) -> None:
    with pytest.raises(ConfigError, match=field):
        SketchMateSettings(**choices)  # type: ignore[arg-type]


@pytest.mark.parametrize("branches", ["both", "cnn", "rnn"])
def test_the_exported_hasher_gives_the_same_codes(
    branches: str, doodles: PairDataset, tmp_path: Path
) -> None:
    settings = with_overrides(SketchMateSettings(), [*TINY, f"branches={branches}"])
    torch.manual_seed(0)
    hasher = SketchHasher(SketchMate(settings.network(4)), settings, doodles.categories)
    export_hasher(hasher, tmp_path)
    codes = SketchCodes(tmp_path)
    rows = doodles.sketch_rows("test")
    logits = hasher.logits(doodles, "sketch", rows)
    for row, expected in zip(rows, logits, strict=True):
        strokes = doodles.strokes(int(row))
        assert strokes is not None
        np.testing.assert_allclose(codes.logits(strokes), expected, atol=1e-4)
        assert np.array_equal(codes.code(strokes), pack(expected[None])[0])
    manifest = json.loads((tmp_path / "hasher.json").read_text())
    other = ["0" * len(code) for code in manifest["reference_codes"]]
    (tmp_path / "hasher.json").write_text(json.dumps({**manifest, "reference_codes": other}))
    with pytest.raises(ModelError, match="differs on this processor"):
        SketchCodes(tmp_path)
    (tmp_path / "hasher.onnx").write_bytes(b"other")
    with pytest.raises(ModelError, match="altered"):
        SketchCodes(tmp_path)

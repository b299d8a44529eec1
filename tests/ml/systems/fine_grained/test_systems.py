"""`triplet-san` and `dssa` on generated data: each learns, resumes, and scores with its trained model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from ml.datasets.pairs import PairDataset
from ml.errors import ConfigError, ModelError
from ml.models.domain_norm import Domain
from ml.models.dssa.config import DssaConfig, HybridConfig
from ml.models.sketch_a_net import SketchANetConfig
from ml.protocols.pairs import measure
from ml.systems.fine_grained.config import RankingConfig
from ml.systems.fine_grained.data import RankingData
from ml.systems.fine_grained.dssa import training as dssa
from ml.systems.fine_grained.dssa.config import DssaSettings
from ml.systems.fine_grained.dssa.models import DssaModel, HybridModel
from ml.systems.fine_grained.model import RankingModel
from ml.systems.fine_grained.projection import fit_projection
from ml.systems.fine_grained.scorer import RankingScorer
from ml.systems.fine_grained.training import Loss, triplet_objective
from ml.systems.fine_grained.triplet_san import training as triplet_san
from ml.systems.fine_grained.triplet_san.config import TripletSanConfig
from ml.systems.fine_grained.triplet_san.model import TripletSan
from ml.systems.registry import load_scorer
from ml.training.model_folder import WEIGHTS

pytestmark = pytest.mark.slow

TINY = ("steps=2", "batch_size=4", "validate_every=1", "test_crops=1")
PRETRAINING = ("edge_steps=1", "sketch_steps=1", "ranking_steps=1", "pretrain_batch=4")
Case = tuple[RankingModel, RankingConfig, Loss]


def triplet(**choices: object) -> Case:
    config = TripletSanConfig(**choices)  # type: ignore[arg-type]
    model = TripletSan(SketchANetConfig(), config)
    pairwise = config.loss == "contrastive"
    return model, config, triplet_san.pairwise_objective if pairwise else triplet_objective


def attentive(**choices: object) -> Case:
    config = DssaSettings(**choices)  # type: ignore[arg-type]
    return DssaModel(dssa.network_of(config), config), config, triplet_objective


def hybrid() -> Case:
    config = DssaSettings(network="hybrid")
    return HybridModel(HybridConfig(1, hidden_dim=32), config), config, dssa.classified_objective


RATE = 3e-4  # at 1e-3 AlexNet's wide layers without BatchNorm diverge
LEARNERS: dict[str, Callable[[], Case]] = {
    "triplet-san": triplet,
    "triplet-san, pairwise": lambda: triplet(loss="contrastive"),
    "triplet-san, heterogeneous": lambda: triplet(heterogeneous=True),
    "triplet-san, heterogeneous, photos": lambda: triplet(heterogeneous=True, gallery="photo"),
    "triplet-san, pretrained, photos": lambda: triplet(branch="lite0", gallery="photo"),
    "dssa": attentive,
    "dssa, base": lambda: attentive(attention=False, coarse_fine=False, holef=False),
    "dssa, pretrained": lambda: attentive(branch="lite0"),
    "dssa, hybrid": hybrid,
}


@pytest.mark.parametrize("name", LEARNERS)
def test_overfits_one_batch(name: str, hats: PairDataset) -> None:
    """Photos are permuted, so that sketches and photos can only be matched by training."""
    torch.manual_seed(0)
    model, config, objective = LEARNERS[name]()
    data = RankingData(
        hats,
        type(config)(batch_size=4, stroke_removal_prob=0.0),
        "train",
        photo_kind=model.photo_kind,
        input_px=model.input_px,
    )
    batch = data.batch(0)
    batch = replace(batch, photos=np.roll(batch.photos, 1, axis=0), annotated=batch.annotated[:0])
    optimizer = torch.optim.AdamW(model.parameters(), RATE)
    losses = []
    for _ in range(8):
        loss, _ = objective(model, batch, config)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        losses.append(loss.item())
    assert min(losses[-4:]) < 0.4 * losses[0]


@pytest.fixture(scope="module")
def run(hats: PairDataset, packs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of triplet-san through all stages and the final training."""
    out = tmp_path_factory.mktemp("runs") / "hats"
    overrides = [*TINY, *PRETRAINING, f"pretraining={out.parent / 'shared'}", "final=true", *_sources(packs)]
    triplet_san.train(dataset=hats, out=out, profile="cpu", overrides=overrides, command="as typed")
    return out


def _sources(packs: Path) -> list[str]:
    sources = [f"pretrain_{what}={packs / 'sketchy'}" for what in ("photos", "sketches")]
    return [*sources, "pretrain_sketches_format=sketchy"]


def test_a_run_trains_a_model_that_scores(run: Path, hats: PairDataset) -> None:
    manifest, found = load_scorer(run)
    assert isinstance(found, RankingScorer)
    assert (manifest["system"], manifest["category"], manifest["format"]) == (
        "triplet-san",
        "hats",
        "qmul-v1",
    )
    assert manifest["dataset_sha256"] == hats.sha256
    assert manifest["training"]["command"] == "as typed"
    assert set(manifest["training"]["stages"]) == {"edges", "sketches", "ranking", "train", "final"}
    metrics = measure(found, hats, split="test").metrics
    assert metrics["n_queries"] == 4
    assert 0 <= metrics["acc@1"]["value"] <= metrics["acc@10"]["value"] == 1


def test_pretraining_is_shared_and_refused_with_other_settings(
    run: Path, hats: PairDataset, packs: Path, tmp_path: Path
) -> None:
    shared = run.parent / "shared"
    before = {path: path.stat().st_mtime_ns for path in shared.rglob("*.safetensors")}
    assert len(before) >= 3
    overrides = [*TINY, *PRETRAINING, f"pretraining={shared}", *_sources(packs)]
    triplet_san.train(dataset=hats, out=tmp_path / "again", profile="cpu", overrides=overrides, command="")
    assert {path: path.stat().st_mtime_ns for path in shared.rglob("*.safetensors")} == before
    with pytest.raises(ConfigError, match="edge_steps"):
        triplet_san.train(
            dataset=hats,
            out=tmp_path / "other",
            profile="cpu",
            overrides=[*overrides, "edge_steps=2"],
            command="",
        )


@pytest.mark.parametrize(
    "choices",
    [
        ("batches=triplets", "batch_norm=false", "stroke_removal_prob=0", "pose=0"),
        ("loss=contrastive", "heterogeneous=true", "gallery=photo"),
        ("branch=lite0", "gallery=photo"),
        ("skip=4",),
    ],
)
def test_switches_train_and_load(choices: tuple[str, ...], hats: PairDataset, tmp_path: Path) -> None:
    triplet_san.train(dataset=hats, out=tmp_path, profile="cpu", overrides=[*TINY, *choices], command="")
    rows = hats.sketch_rows("test"), hats.photo_rows("test")
    assert np.isfinite(triplet_san.load(tmp_path).distances(hats, *rows)).all()


@pytest.mark.parametrize("warm", [False, True])
def test_dssa_trains_loads_and_shows_its_attention(
    warm: bool, run: Path, hats: PairDataset, tmp_path: Path
) -> None:
    overrides = [*TINY, "final=true"] + [f"warm_start={run}"] * warm
    dssa.train(dataset=hats, out=tmp_path, profile="cpu", overrides=overrides, command="")
    scorer = dssa.load(tmp_path)
    assert measure(scorer, hats, split="test").metrics["n_queries"] == 4
    masks = scorer.attention(hats, "photo", hats.photo_rows("test"))
    assert masks is not None
    np.testing.assert_allclose(masks.sum(axis=(1, 2)), 1, atol=0.02)
    assert scorer.frame.size_px == 225


def test_dssa_starts_from_the_weights_of_triplet_san(run: Path, hats: PairDataset) -> None:
    """Without attention the fine half of the embedding equals that of the other system, within bf16 precision."""
    config = DssaSettings(attention=False, holef=False, coarse_fine=False, test_crops=1)
    model = DssaModel(DssaConfig(attention=False, coarse_fine=False), config)
    model.load_state_dict(dssa.warm_state(model, run, "2-final"))
    rows = hats.sketch_rows("test"), hats.photo_rows("test")
    expected = triplet_san.load(run).distances(hats, *rows)
    np.testing.assert_allclose(RankingScorer(model, config).distances(hats, *rows), expected, atol=2e-3)


def test_warm_start_names_missing_weights(hats: PairDataset, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="1-train"):
        dssa.train(
            dataset=hats,
            out=tmp_path / "out",
            profile="cpu",
            overrides=[f"warm_start={tmp_path}"],
            command="",
        )


def test_hybrid_network_on_many_categories(sketchy: PairDataset, tmp_path: Path) -> None:
    overrides = [
        *TINY,
        "steps=1",
        "ema_decay=none",
        "network=hybrid",
    ]  # wide fully connected layers
    dssa.train(dataset=sketchy, out=tmp_path, profile="cpu", overrides=overrides, command="")
    metrics = measure(dssa.load(tmp_path), sketchy, split="test").metrics
    assert {"acc@1", "acc@1_all", "mAP"} <= set(metrics)


def test_a_pretrained_branch_starts_as_its_features_rank(hats: PairDataset) -> None:
    """Before training, the projection and the statistics keep the order of the untrained features."""
    config = TripletSanConfig(branch="lite0", test_crops=1)
    torch.manual_seed(0)
    model = TripletSan(SketchANetConfig(), config)
    fit_projection(model, hats, config)
    scorer = RankingScorer(model, config)
    rows = hats.sketch_rows("train"), hats.photo_rows("train")
    domains: tuple[Domain, Domain] = ("sketch", "photo")
    sketches, photos = (
        scorer.features(hats, domain, which).numpy() for domain, which in zip(domains, rows, strict=True)
    )
    sketches, photos = ((f - f.mean(0)) / np.sqrt(f.var(0, ddof=1) + 1e-4) for f in (sketches, photos))
    centre = np.concatenate([sketches, photos]).mean(0)
    sketches, photos = (f - centre for f in (sketches, photos))
    sketches, photos = (f / np.linalg.norm(f, axis=1, keepdims=True) for f in (sketches, photos))
    expected = 2 - 2 * sketches @ photos.T
    np.testing.assert_allclose(scorer.distances(hats, *rows), expected, atol=0.05)


def test_dssa_takes_over_a_pretrained_run(hats: PairDataset, tmp_path: Path) -> None:
    overrides = [*TINY, "branch=lite0"]
    triplet_san.train(dataset=hats, out=tmp_path / "triplet", profile="cpu", overrides=overrides, command="")
    warm = [*overrides, f"warm_start={tmp_path / 'triplet'}"]
    dssa.train(dataset=hats, out=tmp_path / "dssa", profile="cpu", overrides=warm, command="")
    masks = dssa.load(tmp_path / "dssa").attention(hats, "photo", hats.photo_rows("test"))
    assert masks is not None
    assert masks.shape[1:] == (10, 10)


def test_all_steps_are_taken_without_a_choice(hats: PairDataset, tmp_path: Path) -> None:
    overrides = [*TINY, "branch=lite0", "pretrained_px=64", "final=true", "choose_steps=false"]
    manifest = dssa.train(dataset=hats, out=tmp_path, profile="cpu", overrides=overrides, command="")
    assert list(manifest["training"]["stages"]) == ["final"]
    assert manifest["training"]["stages"]["final"]["step"] == 2
    assert manifest["metrics"] == {}
    assert not (tmp_path / "1-train").exists()
    rows = hats.sketch_rows("test"), hats.photo_rows("test")
    assert np.isfinite(dssa.load(tmp_path).distances(hats, *rows)).all()


def test_the_base_of_dssa_is_triplet_san(hats: PairDataset, tmp_path: Path) -> None:
    """With a pretrained branch, both systems train the same network on the same batches."""
    overrides = [*TINY, "branch=lite0", "pretrained_px=64", "precision=fp32"]
    switched_off = [f"{name}=false" for name in ("attention", "coarse_fine", "holef")]
    dssa.train(
        dataset=hats, out=tmp_path / "dssa", profile="cpu", overrides=[*overrides, *switched_off], command=""
    )
    triplet_san.train(dataset=hats, out=tmp_path / "san", profile="cpu", overrides=overrides, command="")
    one, other = (load_file(tmp_path / name / "1-train" / WEIGHTS) for name in ("dssa", "san"))
    assert one.keys() == other.keys()
    for name, value in one.items():
        torch.testing.assert_close(value, other[name])


def test_random_convolutions_are_not_frozen(hats: PairDataset, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"frozen.*pretrain_photos"):
        triplet_san.train(dataset=hats, out=tmp_path, profile="gpu", overrides=TINY, command="")


def test_a_branch_of_photos_is_pretrained_on_photos(hats: PairDataset, packs: Path, tmp_path: Path) -> None:
    overrides = [*TINY, *PRETRAINING, *_sources(packs), "heterogeneous=true", "gallery=photo"]
    triplet_san.train(dataset=hats, out=tmp_path, profile="cpu", overrides=overrides, command="")
    start = load_file(tmp_path / "pretraining" / "1-edges" / WEIGHTS)
    assert start["photo_branch.maps.0.0.weight"].shape[1] == 3
    rows = hats.sketch_rows("test"), hats.photo_rows("test")
    assert np.isfinite(triplet_san.load(tmp_path).distances(hats, *rows)).all()


def test_frozen_convolutions_keep_weights_and_statistics(
    hats: PairDataset, packs: Path, tmp_path: Path
) -> None:
    overrides = [*TINY, *PRETRAINING, *_sources(packs), "skip=1,3", "frozen=2", "ema_decay=none"]
    triplet_san.train(dataset=hats, out=tmp_path, profile="cpu", overrides=overrides, command="")
    start = load_file(tmp_path / "pretraining" / "2-sketches" / WEIGHTS)
    ended = triplet_san.load(tmp_path).model.state_dict()
    changed = {name for name, value in ended.items() if not torch.equal(value, start[name])}
    assert not [name for name in changed if name.startswith(("branch.maps.0", "branch.maps.2"))]
    assert "branch.maps.4.0.weight" in changed


@pytest.mark.parametrize(
    ("choices", "field"),
    [
        ({"frozen": 6}, "frozen"),
        ({"annotated": 1.5}, "annotated"),
        ({"test_crops": 5}, "test_crops"),
        ({"skip": (5,)}, "skip"),
        ({"skip": (4,), "final": True}, "final"),
        ({"heterogeneous": True, "frozen": 5}, "frozen"),
        ({"branch": "lite0", "frozen": 1}, "frozen"),
        ({"gallery": "photo"}, "gallery"),
        ({"pretrained_lr": 0.0}, "pretrained_lr"),
        ({"pretrained_px": 100}, "pretrained_px"),
        ({"frozen_blocks": 12}, "frozen_blocks"),
        ({"shared_pose": -1.0}, "shared_pose"),
        ({"erase_prob": 2.0}, "erase_prob"),
        ({"choose_steps": False}, "choose_steps"),
    ],
)
def test_contradictory_settings_are_refused(choices: dict[str, object], field: str) -> None:
    with pytest.raises(ConfigError, match=field):
        TripletSanConfig(**choices)  # type: ignore[arg-type]

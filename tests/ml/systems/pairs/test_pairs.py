"""System `sketchfind` on pairs: contents of batches, training, and loading of the trained model."""

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from ml.datasets.formats import open_dataset
from ml.datasets.pairs import PairDataset
from ml.errors import ConfigError
from ml.protocols.pairs import measure
from ml.systems.pairs import training as system
from ml.systems.pairs.config import PairsConfig
from ml.systems.pairs.data import PairData, votes_among
from ml.systems.pairs.scorer import PairsScorer, hubness
from tests.support.layouts import write_qmul_v1

pytestmark = pytest.mark.slow

SETTINGS = ["image_size_px=64", "grid=2", "embedding_dim=16", "batch_size=6", "steps=4", "validate_every=2"]
SMALL = PairsConfig(image_size_px=64, grid=2, embedding_dim=16, batch_size=8, precision="fp32")


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> PairDataset:
    return open_dataset("qmul-v1", write_qmul_v1(tmp_path_factory.mktemp("pack") / "hats"))


@pytest.fixture(autouse=True)
def _cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKETCHFIND_CACHE", str(tmp_path_factory.getbasetemp() / "frames"))


@pytest.fixture(scope="module")
def folder(dataset: PairDataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("model")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SKETCHFIND_CACHE", str(tmp_path_factory.getbasetemp() / "frames"))
        system.train(dataset=dataset, out=out, profile="cpu", overrides=SETTINGS, command="train")
    return out


def loaded(folder: Path) -> PairsScorer:
    scorer = system.load(folder)
    assert isinstance(scorer, PairsScorer)
    return scorer


def test_a_batch_depends_only_on_its_step_and_holds_each_product_once(dataset: PairDataset) -> None:
    data = PairData(SMALL, [dataset], ["train"])
    first, again, other = data.batch(3), PairData(SMALL, [dataset], ["train"]).batch(3), data.batch(4)
    assert np.array_equal(first.images, again.images)
    assert not np.array_equal(first.images, other.images)
    assert first.images.shape == (16, 64, 64, 3)
    assert first.domains[:8] == ["sketch"] * 8
    assert set(first.domains[8:]) == {"edge", "photo"}
    gallery = first.images[8:].reshape(8, -1)
    assert len(np.unique(gallery, axis=0)) == 8


def test_validation_products_are_never_used_in_training(dataset: PairDataset) -> None:
    (source,) = PairData(SMALL, [dataset], ["train"]).sources
    held_out = set(dataset.photo_rows("val").tolist()) | set(dataset.photo_rows("test").tolist())
    assert held_out
    assert not held_out & set(source.products.tolist())
    assert not held_out & set(source.votes[:, 1:].ravel().tolist())


def test_hard_batches_hold_similar_products(dataset: PairDataset) -> None:
    data = PairData(replace(SMALL, hard_share=0.5, batch_size=4), [dataset], ["train"])
    (source,) = data.sources
    n = len(source.products)
    source.alike = (np.arange(n)[:, None] ^ 1) % n  # each product is most similar to its neighbour
    drawn = data._products(source, 4, np.random.default_rng(0))
    places = set(np.searchsorted(source.products, drawn).tolist())
    assert len(places) == 4
    assert sum((place ^ 1) % n in places for place in places) >= 2


def test_votes_among_equals_a_loop() -> None:
    rng = np.random.default_rng(0)
    votes = rng.integers(0, 9, (60, 3)).astype(np.int32)
    sketches, products = np.array([4, 1, 7]), np.array([2, 8, 5])
    expected = [
        [sketches.tolist().index(s), products.tolist().index(a), products.tolist().index(b)]
        for s, a, b in votes.tolist()
        if s in sketches and a in products and b in products
    ]
    assert expected
    assert votes_among(votes, sketches, products).tolist() == expected


def test_overfits_one_batch(dataset: PairDataset) -> None:
    config = replace(SMALL, vote_weight=0.1)
    data = PairData(config, [dataset], ["train"])
    encoder = system.initialised(config, data)
    batch = data.batch(0)
    n = len(batch.images) // 2  # sketches with photos of other products: pairs can only be memorised
    batch = replace(batch, images=np.concatenate([np.roll(batch.images[:n], 1, axis=0), batch.images[n:]]))
    trained = [parameter for parameter in encoder.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=1e-3)
    losses = []
    for _ in range(25):
        loss, parts = system.loss(encoder, batch, config)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        losses.append(parts["contrastive"])
    assert losses[-1] < 0.2 * losses[0]


def test_the_first_blocks_and_depthwise_convolutions_stay_frozen(dataset: PairDataset) -> None:
    encoder = system.initialised(SMALL, PairData(SMALL, [dataset], ["train"]))
    trained = {name for name, parameter in encoder.named_parameters() if parameter.requires_grad}
    assert not [
        name for name in trained if "_depthwise_conv" in name or "_conv_stem" in name or "_blocks.4." in name
    ]
    assert {"scale", "embed.weight", "trunk._blocks.5._expand_conv.weight"} <= trained


def test_a_loaded_model_ranks_like_the_trained_one(dataset: PairDataset, folder: Path) -> None:
    scorer = system.load(folder)
    metrics = json.loads((folder / "model.json").read_text())["metrics"]
    measured = measure(scorer, dataset, split="val").metrics
    assert measured["acc@1"]["value"] == pytest.approx(metrics["val/acc@1"])
    assert measure(scorer, dataset, split="test").metrics["n_queries"] == 4


def test_a_finished_run_is_not_trained_again_but_other_settings_are_refused(
    dataset: PairDataset, folder: Path
) -> None:
    before = (folder / "weights.safetensors").read_bytes()
    system.train(dataset=dataset, out=folder, profile="cpu", overrides=SETTINGS, command="again")
    assert (folder / "weights.safetensors").read_bytes() == before
    with pytest.raises(ConfigError, match="temperature"):
        system.train(
            dataset=dataset, out=folder, profile="cpu", overrides=[*SETTINGS, "temperature=0.1"], command=""
        )


@pytest.mark.parametrize("gallery", ["photo", "edge", "both"])
def test_views_change_distances_but_not_their_shape(dataset: PairDataset, folder: Path, gallery: str) -> None:
    scorer = loaded(folder)
    scorer.config = replace(scorer.config, flip_views=False, width_views=False, query_bank=0)
    sketches, photos = dataset.sketch_rows("test"), dataset.photo_rows("test", "val")
    plain = scorer.distances(dataset, sketches, photos)
    scorer.config = replace(scorer.config, gallery=gallery, flip_views=True, width_views=True)  # type: ignore[arg-type]
    viewed = scorer.distances(dataset, sketches, photos)
    assert viewed.shape == plain.shape == (4, len(photos))
    assert viewed.dtype == np.float32
    assert not np.allclose(viewed, plain)


def test_a_distance_depends_on_no_other_query_and_no_other_photo(dataset: PairDataset, folder: Path) -> None:
    scorer = system.load(folder)
    sketches, photos = dataset.sketch_rows("test"), dataset.photo_rows("test")
    together = scorer.distances(dataset, sketches, photos)
    alone = scorer.distances(dataset, sketches[1:2], photos[2:3])
    assert alone.item() == pytest.approx(together[1, 2], abs=1e-4)


def test_hubness_is_the_soft_maximum_over_the_bank() -> None:
    near = torch.tensor([[0.9, 0.1], [0.8, 0.2], [0.7, 0.0]])
    for photo in range(2):
        total = sum(math.exp(value / 0.07) for value in near[:, photo].tolist()) / 3
        assert hubness(near, 0.07)[photo].item() == pytest.approx(0.07 * math.log(total), rel=1e-5)
    assert hubness(near, 0.07)[0] > hubness(near, 0.07)[1]


def test_final_training_uses_train_and_val_and_further_datasets(
    dataset: PairDataset, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = write_qmul_v1(tmp_path_factory.mktemp("pack") / "caps")
    settings = [*SETTINGS, "final=true", f"also={other}", "also_prob=0.5", "hard_share=0.5"]
    metrics = system.train(dataset=dataset, out=tmp_path, profile="cpu", overrides=settings, command="")
    assert metrics == {"val/step": 4}
    assert loaded(tmp_path).encoder.categories == ("caps", "hats")


def test_contradictory_settings_are_refused_by_name() -> None:
    with pytest.raises(ConfigError) as error:
        PairsConfig(photo_prob=1.5)
    assert error.value.field == "photo_prob"
